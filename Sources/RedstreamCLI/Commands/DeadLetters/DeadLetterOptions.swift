import ArgumentParser
import Redstream

/// The choice of the dead letters that a command is about.
struct DeadLetterOptions: ParsableArguments {
    @Option(help: "Stream.", completion: .names(.stream), transform: NameText.parsed)
    var stream: String

    @Option(
        help: ArgumentHelp("Consumer that gave up.", valueName: "name"), completion: .names(.consumer),
        transform: NameText.parsed)
    var consumer: String

    @Option(help: "Only the letter with this id; may be repeated.", transform: Self.id)
    var id: [StreamID] = []

    @Option(help: ArgumentHelp("Only this many, oldest first.", valueName: "number"))
    var count: Int?

    func validate() throws {
        try NameCheck.notEmpty(stream, option: "--stream")
        try NameCheck.notEmpty(consumer, option: "--consumer")
        if let count, count < 1 { throw ValidationError("--count is at least 1") }
        if count != nil, !id.isEmpty { throw ValidationError("--id and --count both select: give one") }
    }

    /// The consumer by its full name.
    var name: ConsumerName { ConsumerName(stream: stream, name: consumer) }

    /// The consumer in words.
    var shown: String { "\(NameText.shown(consumer)) of \(NameText.shown(stream))" }

    /// The keys that are touched.
    var scope: AccessScope {
        AccessScope([stream], suffixes: ["", ".\(consumer.escapedForGlob).dead"], consumer: consumer)
    }

    /// The letters that are meant, of those that are there when it is made.
    func selection(
        of client: StreamClient, in context: CommandContext, retryLimit: Duration
    ) async throws -> DeadLetterSelection {
        let name = name
        try client.requireOneSlot(of: name.stream)
        let (last, total) = try await context.retrying(client, for: retryLimit) {
            let last = try await client.lastEntryID(of: client.keys.deadLetterStreamName(of: name))
            let total = try await client.deadLetterCount(of: name)
            // A name that is a mistake has no dead letters either, and is not to look well.
            if total == 0 { try await client.requireKnown(name) }
            return (last ?? .zero, total)
        }
        return DeadLetterSelection(
            client: client, name: name, ids: id, last: last, limit: min(count ?? .max, total), context: context,
            retryLimit: retryLimit)
    }

    private static func id(_ text: String) throws -> StreamID {
        guard let id = StreamID(text) else {
            throw ValidationError("\(text) is no id: dead-letters list shows them")
        }
        return id
    }
}
