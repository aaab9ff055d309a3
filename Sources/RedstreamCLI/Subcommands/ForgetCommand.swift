import ArgumentParser
import Redstream

/// `redstream forget`: remove a consumer that is no more.
struct ForgetCommand: ToolCommand {
    static let action = "cannot forget the consumer"
    static let configuration = CommandConfiguration(
        commandName: "forget",
        abstract: "Remove the offset of a consumer that is no more.",
        discussion: """
            A consumer that is gone for good holds back trim --committed, and shows as stopped. It is refused while \
            the consumer runs. Dead letters stay.

              redstream forget --stream products --name indexer
            """)

    @OptionGroup var connection: ConnectionOptions

    @Option(help: "The stream.", completion: NameCompletion.streams)
    var stream: String

    @Option(help: "The consumer.", completion: NameCompletion.consumers)
    var name: String

    @Flag(help: "Show what would be removed, and remove nothing.")
    var dryRun = false

    @Option(name: .shortAndLong, help: "How to report: text or json.")
    var output = ReportFormat.text

    @OptionGroup var retry: RetryOptions

    @OptionGroup var color: ColorOptions

    func validate() throws {
        try NameCheck.notEmpty(stream, option: "--stream")
        try NameCheck.notEmpty(name, option: "--name")
    }

    func run(in context: CommandContext) async throws -> ExitCode {
        let client = try connection.client(in: context)
        let consumer = ConsumerName(stream: stream, name: name)
        let isPlan = dryRun
        let offset = try await context.retrying(for: retry.retryFor.duration) {
            try await client.readableOffset(of: consumer)
        }
        if !isPlan {
            try await context.retrying(for: retry.retryFor.duration) {
                // Gone by now is what is wanted: the answer to an earlier try may have been lost.
                do { _ = try await client.forget(consumer) } catch RedstreamError.unknownConsumer {}
            }
        }
        switch output {
        case .json:
            let document = JSONValue.object([
                ("stream", .string(stream)), ("consumer", .string(name)), ("dry_run", .bool(dryRun)),
                ("offset", .optional(offset)),
            ])
            try await context.output.line(document.text)
        case .text:
            let name = TerminalText.escaped("\(stream), \(name)")
            let what = offset.map { "the offset \($0)" } ?? "an offset that is no entry id"
            try await context.output.line(
                dryRun
                    ? "\(name): would forget \(what)"
                    : "\(name): forgotten" + (undo(offset).map { "\nundo: \($0)" } ?? ""))
        }
        return .done
    }

    /// The command that brings the consumer back, as it can be pasted; nil where there is nothing to go back to.
    private func undo(_ offset: StreamID?) -> String? {
        guard let offset else { return nil }
        var words = ["redstream", "seek"] + connection.shellWords
        words += ["--stream", ShellText.quoted(stream), "--name", ShellText.quoted(name), "--to", "\(offset)"]
        return words.joined(separator: " ")
    }
}
