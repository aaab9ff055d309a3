import ArgumentParser
import Redstream

/// `redstream seek`: move the offset of a consumer.
struct SeekCommand: OffsetCommand {
    static let action = "cannot move the offset"
    static let configuration = CommandConfiguration(
        commandName: "seek",
        abstract: "Move a stopped consumer's offset.",
        discussion: """
            An entry id is taken as an offset: the last entry that counts as committed. With a time, newer entries are \
            read next. It prints the command that undoes it.

              # Read everything again.
              redstream seek --stream products --name indexer --to earliest
              # Show what reading again from a time would do.
              redstream seek --stream products --name indexer \\
                --to 2026-11-23T10:00:00Z --dry-run
              # Read the last hundred entries again.
              redstream seek --stream products --name indexer --shift-by -100
              # Read the last hour of 16 shards again.
              redstream seek --stream products --shards 16 --name indexer --to 1h
            """)

    static let exitNotes: [(code: ExitCode, meaning: String)] = [
        (.failed, "the stream does not exist, or the server refused"),
        (.lockHeld, "the consumer runs"),
    ]

    @OptionGroup var consumer: ConsumerOptions

    @Option(shards: "Consumer of this many shards, <stream>-0, <stream>-1 and so on; all are moved, or none.")
    var shards: Sharding?

    @Option(
        help: ArgumentHelp(
            "earliest, latest, an entry id, a time, a duration ago, or committed:OTHER.", valueName: "position"),
        completion: .names(.position), transform: PositionText.init(_:))
    var to: PositionText?

    @Option(number: "Move by this many entries; a negative number moves back.")
    var shiftBy: Int?

    @Flag(help: "Show how many entries would be delivered again or skipped; change nothing.")
    var dryRun = false

    @Option(name: .shortAndLong, help: ArgumentHelp("Output format.", valueName: "format"))
    var output = ReportFormat.text

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if (to == nil) == (shiftBy == nil) {
            throw ValidationError("say where to: either --to or --shift-by")
        }
    }

    var access: AccessRules? { .seek }

    var scope: AccessScope? {
        // Another consumer's offset may be where it goes.
        let readsAnother = if case .committed = to { true } else { false }
        return AccessScope([stream], areSharded: shards != nil, consumer: readsAnother ? nil : name)
    }

    func run(in context: CommandContext) async throws -> ExitCode {
        let client = try connection.client(in: context)
        // What is retried must not move twice: the plan is made once.
        let plans = try await context.retrying(client, for: retry.limit) {
            try await planned(to: target(client), client)
        }
        let warnings = try await context.retrying(client, for: retry.limit) {
            try await self.warnings(plans, client)
        }
        if !dryRun { try await context.retrying(client, for: retry.limit) { try await client.seek(plans) } }
        if plans.allSatisfy({ $0.plan.prior == nil }),
            let advice = await NameAdvice(client).onNewConsumer(name, of: plans.map(\.consumer.stream))
        {
            context.console.note("\(place), \(NameText.shown(name)): a new consumer", advice: advice)
        }
        for warning in warnings { context.console.note(warning) }
        let undo = plans.map { self.undo($0, $1.prior) }
        let lines = zip(plans, undo).map { plan, undo in
            output == .json ? json(plan.consumer, plan.plan, undo).text : line(plan.consumer, plan.plan)
        }
        try await report(
            lines, undo: undo, of: plans.count == 1 ? "the offset was moved" : "the offsets were moved", in: context)
        return .done
    }

    func loss(in context: CommandContext) async throws -> String? {
        guard !dryRun else { return nil }
        let client = try connection.client(in: context)
        let found = try await Confirmation.look { try await planned(to: target(client), client) }
        guard let plans = found?.map(\.plan) else { return nil }
        let skips = plans.reduce(0) { $0 + $1.skipped }
        let again = plans.reduce(0) { $0 + $1.redelivered }
        let effect = skips > 0 ? effect(skips, "skipped") : effect(again, "delivered again")
        return "seek moves the offset of \(NameText.shown(name)) in \(place): \(effect)"
    }

    /// Says for which consumers nothing will be read.
    private func warnings(
        _ plans: [(consumer: ConsumerName, plan: SeekResult)], _ client: StreamClient
    ) async throws -> [String] {
        var warnings: [String] = []
        for (consumer, result) in plans {
            guard let last = try await client.lastID(of: consumer.stream), result.offset > last else { continue }
            warnings.append(
                "\(result.offset) is beyond the last id \(last): it will read nothing until the stream passes that id; redstream seek --to earliest or latest"
            )
        }
        return warnings
    }

    /// Returns the work to do on each shard that exists.
    ///
    /// - Throws: ``RedstreamError/unknownStream(_:)``, ``Failure`` where there is none.
    private func planned(to target: SeekTarget, _ client: StreamClient) async throws -> [(
        consumer: ConsumerName, plan: SeekResult
    )] {
        var plans: [(consumer: ConsumerName, plan: SeekResult)] = []
        for consumer in consumers {
            do {
                plans.append((consumer, try await client.planSeek(consumer, to: target)))
            } catch RedstreamError.unknownStream where shards != nil {
                // No record has its place there yet.
                continue
            }
        }
        guard !plans.isEmpty else {
            throw Failure(.failed, "\(Self.action): there is no shard of \(NameText.shown(stream))")
        }
        return plans
    }

    private func target(_ client: StreamClient) async throws -> SeekTarget {
        switch to {
        case nil: return .shift(shiftBy ?? 0)
        case .earliest: return .earliest
        case .latest: return .latest
        case .committed(let other): return .committed(other)
        case .point(.entry(let id)): return .offset(id)
        case .point(let point):
            let start = point.startID(now: try await client.serverTime())
            return .offset(start.predecessor ?? .zero)
        }
    }

    /// Returns the change in one line.
    private func line(_ consumer: ConsumerName, _ result: SeekResult) -> String {
        let prior = result.prior?.description ?? "none (a new consumer)"
        let name = "\(NameText.shown(consumer.stream)), \(NameText.shown(consumer.name))"
        let effect =
            if result.redelivered > 0 {
                effect(result.redelivered, "delivered again")
            } else if result.skipped > 0 {
                effect(result.skipped, "skipped")
            } else {
                "no entries lie between"
            }
        return "\(name): \(dryRun ? "would move" : "moved") from \(prior) to \(result.offset): \(effect)"
    }

    private func effect(_ count: Int, _ what: String) -> String {
        (dryRun ? count.counted("entry", "entries") + " would be " : count.counted("entry is", "entries are") + " ")
            + what
    }

    /// Returns the change as a document.
    private func json(_ consumer: ConsumerName, _ result: SeekResult, _ undo: String) -> JSONValue {
        .object([
            ("stream", .string(consumer.stream)), ("consumer", .string(consumer.name)), ("dry_run", .bool(dryRun)),
            ("prior", .optional(result.prior)), ("offset", .optional(result.offset)),
            ("redelivered", .integer(result.redelivered)), ("skipped", .integer(result.skipped)),
            ("undo", dryRun ? .null : .string(undo)),
        ])
    }
}
