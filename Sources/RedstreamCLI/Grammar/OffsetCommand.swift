import ArgumentParser
import Redstream

/// The consumer whose offset a command changes.
struct ConsumerOptions: ParsableArguments {
    @Option(help: "Stream.", completion: .names(.stream), transform: NameText.parsed)
    var stream: String

    @Option(help: "Consumer.", completion: .names(.consumer), transform: NameText.parsed)
    var name: String

    func validate() throws {
        try NameCheck.notEmpty(stream, option: "--stream")
        try NameCheck.notEmpty(name, option: "--name")
    }
}

/// A command that changes the offset of a stopped consumer, and prints the command that undoes it.
protocol OffsetCommand: ConnectedCommand {
    var consumer: ConsumerOptions { get }
    var shards: Sharding? { get }
    var dryRun: Bool { get }
    var output: ReportFormat { get }
}

extension OffsetCommand {
    var stream: String { consumer.stream }

    var name: String { consumer.name }

    var stoppedConsumer: String? { name }

    /// The consumer on the stream, or on each of its shards.
    var consumers: [ConsumerName] { shards.streams(of: stream).map { ConsumerName(stream: $0, name: name) } }

    /// The stream in words: `products`, `16 shards of products`.
    var place: String { ShardCheck.place([stream], shards) }

    /// Returns the command that brings a consumer's prior offset back, as it can be pasted; without one, forgets it.
    func undo(_ consumer: ConsumerName, _ prior: StreamID?) -> String {
        connection.command(
            prior == nil ? "forget" : "seek", stream: consumer.stream, name: consumer.name, to: prior?.description)
    }

    /// Tells what was done, or would be.
    ///
    /// - Parameters:
    ///   - lines: A line for each consumer.
    ///   - undo: The commands that undo it. They come together, so that they can be pasted.
    ///   - change: The change in words, as ``ChangeReports`` has it.
    ///   - context: The place to tell it.
    /// - Throws: What ``ChangeReports`` throws.
    func report(_ lines: [String], undo: [String], of change: String, in context: CommandContext) async throws {
        let undo = output == .text ? undo.map { "undo: \($0)" } : []
        try await ChangeReports.tell(lines, undo: undo, of: change, isPlan: dryRun, in: context)
    }
}
