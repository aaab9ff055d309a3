import ArgumentParser
import Redstream

/// `redstream dead-letters show`: what they hold, and why they are there.
struct DeadLettersShowCommand: ConnectedCommand {
    static let action = "cannot show dead letters"
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show dead letters with all that they hold, the oldest first.",
        discussion: """
            With --output json, the member record of each line is what consume prints: it can be mended and given to \
            produce --records.
            """)

    @OptionGroup var connection: ConnectionOptions

    @OptionGroup var letters: DeadLetterOptions

    @Option(name: .shortAndLong, help: "text (default on a terminal) or json (default elsewhere).")
    var output: ReportFormat?

    @OptionGroup var retry: RetryOptions

    @OptionGroup var color: ColorOptions

    var access: AccessRules? { .deadLetters }

    var scope: AccessScope? { letters.scope }

    func run(in context: CommandContext) async throws -> ExitCode {
        let client = try connection.client(in: context)
        let format = output ?? (context.outputIsTerminal ? .text : .json)
        let (letters, limit) = (letters, retry.retryFor.duration)
        try await context.interruptible {
            let selection = try await letters.selection(of: client, in: context, retryLimit: limit)
            var portions = selection.portions()
            while let portion = try await portions.nextPortion() {
                for letter in portion {
                    let text = DeadLetterText(letter, of: letters.name)
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
