import ArgumentParser
import Redstream

/// `redstream forget`: delete the offset of a retired consumer.
struct ForgetCommand: OffsetCommand {
    static let action = "cannot forget the consumer"
    static let configuration = CommandConfiguration(
        commandName: "forget",
        abstract: "Delete a retired consumer's offset.",
        discussion: """
            A retired consumer holds back trim --committed, and shows as stopped. It is refused while the consumer runs. \
            Dead letters stay. It prints the command that undoes it.

              # Delete the offset of one stream; those of 16 shards.
              redstream forget --stream products --name indexer
              redstream forget --stream products --shards 16 --name indexer
            """)

    static let exitNotes: [(code: ExitCode, meaning: String)] = [
        (.failed, "the consumer does not exist, or the server refused"),
        (.lockHeld, "the consumer runs"),
    ]

    @OptionGroup var consumer: ConsumerOptions

    @Option(
        shards: "Consumer of this many shards, <stream>-0, <stream>-1 and so on; none is deleted while one is held.")
    var shards: Sharding?

    @Flag(help: "Show what would be removed, and remove nothing.")
    var dryRun = false

    @Option(name: .shortAndLong, help: ArgumentHelp("Output format.", valueName: "format"))
    var output = ReportFormat.text

    @OptionGroup var common: CommonOptions

    var access: AccessRules? { .forget }

    var scope: AccessScope? { AccessScope([stream], areSharded: shards != nil, consumer: name) }

    func run(in context: CommandContext) async throws -> ExitCode {
        let client = try connection.client(in: context)
        let offsets = try await context.retrying(client, for: retry.limit) { try await stored(client) }
        if !dryRun {
            // Gone by now is what is wanted: the answer to an earlier try may have been lost.
            try await context.retrying(client, for: retry.limit) {
                try await client.forget(offsets.map(\.consumer))
            }
        }
        // An offset that is no entry id is nothing to go back to.
        let undo = offsets.compactMap { consumer, offset in offset.map { self.undo(consumer, $0) } }
        try await report(
            offsets.map { report($0, $1) }, undo: undo, of: "the consumer was forgotten", in: context)
        return .done
    }

    func loss(in context: CommandContext) async throws -> String? {
        guard !dryRun else { return nil }
        let client = try connection.client(in: context)
        // One that has read nothing is forgotten without loss.
        guard let consumers = try await Confirmation.look({ try await stored(client).map(\.consumer) }) else {
            return nil
        }
        var count = 0
        for consumer in consumers {
            let plan = try await Confirmation.look { try await client.planSeek(consumer, to: .earliest) }
            count += plan?.redelivered ?? 0
        }
        let again = count.counted("entry", "entries")
        return "forget removes the offset of \(NameText.shown(name)) in \(place), "
            + "behind which \(again) would be read again"
    }

    /// The offset of the consumer, or those on all shards where it has one.
    ///
    /// - Throws: ``RedstreamError/unknownConsumer(_:)`` where it has none.
    private func stored(_ client: StreamClient) async throws -> [(consumer: ConsumerName, offset: StreamID?)] {
        var offsets: [(consumer: ConsumerName, offset: StreamID?)] = []
        for consumer in consumers {
            try client.requireOneSlot(of: consumer.stream)
            do {
                offsets.append((consumer, try await client.readableOffset(of: consumer)))
            } catch RedstreamError.unknownConsumer where shards != nil {
                continue
            }
        }
        guard !offsets.isEmpty else { throw RedstreamError.unknownConsumer(ConsumerName(stream: stream, name: name)) }
        return offsets
    }

    private func report(_ consumer: ConsumerName, _ offset: StreamID?) -> String {
        switch output {
        case .json:
            return JSONValue.object([
                ("stream", .string(consumer.stream)), ("consumer", .string(consumer.name)), ("dry_run", .bool(dryRun)),
                ("offset", .optional(offset)),
            ]).text
        case .text:
            let name = "\(NameText.shown(consumer.stream)), \(NameText.shown(consumer.name))"
            let what = offset.map { "the offset \($0)" } ?? "an offset that is no entry id"
            return dryRun ? "\(name): would forget \(what)" : "\(name): forgotten"
        }
    }
}
