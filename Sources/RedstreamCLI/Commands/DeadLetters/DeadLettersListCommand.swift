import ArgumentParser
import Redstream

/// `redstream dead-letters list`: one line for each.
struct DeadLettersListCommand: ConnectedCommand {
    static let action = "cannot list dead letters"
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List dead letters, oldest first, without their contents.",
        discussion: """
              # One line for each dead letter of a consumer.
              redstream dead-letters list --stream products --consumer indexer
            """)

    @OptionGroup var letters: DeadLetterOptions

    @Option(name: .shortAndLong, help: ArgumentHelp("Output format.", valueName: "format"))
    var output = ReportFormat.text

    @OptionGroup var common: CommonOptions

    var access: AccessRules? { .deadLetters }

    var scope: AccessScope? { letters.scope }

    func run(in context: CommandContext) async throws -> ExitCode {
        try context.requireOutput()
        let client = try connection.client(in: context)
        try await context.interruptible {
            let selection = try await letters.selection(of: client, in: context, retryLimit: retry.limit)
            for try await portion in selection.portions {
                let rows = portion.map { DeadLetterText(letter: $0, name: letters.name) }
                switch output {
                case .json: for row in rows { try await context.output.line(row.json.text) }
                case .text:
                    var table = TextTable(DeadLetterText.columns)
                    for row in rows { table.append(row.cells) }
                    try await context.output.line(table.text)
                }
            }
            if selection.limit == 0, output == .text {
                context.console.note("\(letters.shown) has no dead letters")
            }
        }
        return .done
    }
}
