import ArgumentParser
import Redstream

/// `redstream seek`: move the offset of a consumer.
struct SeekCommand: ConnectedCommand {
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

    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    @Option(help: "Stream.", completion: .names(.stream), transform: NameText.parsed)
    var stream: String

    @Option(help: "Consumer.", completion: .names(.consumer), transform: NameText.parsed)
    var name: String

    @Option(
        help: ArgumentHelp(
            "Consumer of this many shards, <stream>-0, <stream>-1 and so on; all are moved, or none.",
            valueName: "number"),
        transform: Sharding.init(argument:))
    var shards: Sharding?

    @Option(
        help: ArgumentHelp(
            "earliest, latest, an entry id, a time, a duration ago, or committed:OTHER.", valueName: "position"),
        completion: .names(.position), transform: PositionText.init(_:))
    var to: PositionText?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Move by this many entries; a negative number moves back.", valueName: "number"))
    var shiftBy: Int?

    @Flag(help: "Show how many entries would be delivered again or skipped; change nothing.")
    var dryRun = false

    @Option(name: .shortAndLong, help: ArgumentHelp("Output format.", valueName: "format"))
    var output = ReportFormat.text

    @OptionGroup(title: "Connection") var retry: RetryOptions

    @OptionGroup var color: ColorOptions

    func validate() throws {
        try NameCheck.notEmpty(stream, option: "--stream")
        try NameCheck.notEmpty(name, option: "--name")
        if (to == nil) == (shiftBy == nil) {
            throw ValidationError("say where to: either --to or --shift-by")
        }
    }

    /// The stream in words: `products`, `16 shards of products`.
    private var place: String { ShardCheck.place([stream], shards) }

    var access: AccessRules? { .seek }

    var scope: AccessScope? {
        // Another consumer's offset may be where it goes.
        let readsAnother = if case .committed = to { true } else { false }
        return AccessScope([stream], areSharded: shards != nil, consumer: readsAnother ? nil : name)
    }

    var stoppedConsumer: String? { name }

    func run(in context: CommandContext) async throws -> ExitCode {
        let client = try connection.client(in: context)
        let isPlan = dryRun
        // What is retried must not move twice: the plan is made once.
        let plans = try await context.retrying(client, for: retry.limit) {
            try await planned(to: target(client), client)
        }
        let warnings = try await context.retrying(client, for: retry.limit) {
            try await self.warnings(plans, client)
        }
        if !isPlan { try await context.retrying(client, for: retry.limit) { try await client.seek(plans) } }
        if plans.allSatisfy({ $0.plan.prior == nil }),
            let advice = await NameAdvice(client).onNewConsumer(name, of: plans.map(\.consumer.stream))
        {
            context.console.note("\(place), \(NameText.shown(name)): a new consumer (\(advice))")
        }
        for warning in warnings { context.console.note(warning) }
        let undo = plans.map { self.undo($1, stream: $0.stream) }
        let lines = zip(plans, undo).map { plan, undo in
            let report = SeekReportText(plan.plan, consumer: plan.consumer, undo: undo, isDryRun: isPlan)
            return output == .json ? report.json.text : report.line
        }
        if isPlan {
            for line in lines { try await context.show(line) }
            return .done
        }
        let reports = ChangeReports(
            of: plans.count == 1 ? "the offset was moved" : "the offsets were moved", in: context)
        // The commands come together, so that they can be pasted.
        try await reports.tell(lines, undo: output == .text ? undo.map { "undo: \($0)" } : [])
        try reports.finish()
        return .done
    }

    func loss(in context: CommandContext) async throws -> String? {
        guard !dryRun else { return nil }
        let client = try connection.client(in: context)
        let found = try await Confirmation.look { try await planned(to: target(client), client) }
        guard let plans = found?.map(\.plan) else { return nil }
        let skips = plans.reduce(0) { $0 + $1.skipped }
        let again = plans.reduce(0) { $0 + $1.redelivered }.counted("entry is", "entries are") + " delivered again"
        let skipped = skips.counted("entry is", "entries are") + " skipped"
        return "seek moves the offset of \(NameText.shown(name)) in \(place): \(skips > 0 ? skipped : again)"
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
        for stream in shards?.streams(of: stream) ?? [stream] {
            let consumer = ConsumerName(stream: stream, name: name)
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

    /// The command that brings the prior state back, as it can be pasted.
    private func undo(_ result: SeekResult, stream: String) -> String {
        var words = ["redstream", result.prior == nil ? "forget" : "seek"]
        words += connection.shellWords
        words += ["--stream", NameText.quoted(stream), "--name", NameText.quoted(name)]
        if let prior = result.prior { words += ["--to", prior.description] }
        return words.joined(separator: " ")
    }
}
