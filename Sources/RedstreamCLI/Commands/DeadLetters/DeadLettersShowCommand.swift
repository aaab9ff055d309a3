import ArgumentParser
import Redstream

/// `redstream dead-letters show`: what they hold, and why they are there.
struct DeadLettersShowCommand: ConnectedCommand {
    static let action = "cannot show dead letters"
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show dead letters with their contents, oldest first.",
        discussion: """
            With --output json, the member record of each line is what consume prints: edit it and pass it to produce \
            --records.

              # The oldest dead letter with everything that the message had.
              redstream dead-letters show --stream products --consumer indexer --count 1
            """)

    @OptionGroup var letters: DeadLetterOptions

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Output format (default: text on a terminal, else json).", valueName: "format"))
    var output: ReportFormat?

    @OptionGroup var common: CommonOptions

    var access: AccessRules? { .deadLetters }

    var scope: AccessScope? { letters.scope }

    func run(in context: CommandContext) async throws -> ExitCode {
        try context.requireOutput()
        let client = try connection.client(in: context)
        let format = output ?? (context.outputIsTerminal ? .text : .json)
        try await context.interruptible {
            let selection = try await letters.selection(of: client, in: context, retryLimit: retry.limit)
            for try await portion in selection.portions {
                for letter in portion {
                    let text = DeadLetterText(letter: letter, name: letters.name)
                    try await context.output.write(Self.bytes(text, format, in: context))
                }
            }
        }
        return .done
    }

    private static func bytes(_ text: DeadLetterText, _ format: ReportFormat, in context: CommandContext) -> [UInt8] {
        guard format == .json else { return text.text + Array("\n".utf8) }
        guard context.outputIsTerminal else { return text.jsonWithRecord }
        var safe: [UInt8] = []
        TerminalText.append(text.jsonWithRecord.dropLast(), to: &safe)
        return safe + Array("\n".utf8)
    }
}
