import ArgumentParser
import Redstream

/// `redstream dead-letters purge`: remove them for good.
struct DeadLettersPurgeCommand: DeadLetterRemoval {
    static let action = "cannot purge dead letters"
    static let configuration = CommandConfiguration(
        commandName: "purge",
        abstract: "Remove dead letters for good.",
        discussion: """
              # Show how many would go; remove one.
              redstream dead-letters purge --stream products --consumer indexer --dry-run
              redstream dead-letters purge --stream products --consumer indexer \\
                --id 1795452143340-0 --yes
            """)

    @OptionGroup var letters: DeadLetterOptions

    @Flag(help: "Show how many would be removed; remove nothing.")
    var dryRun = false

    @Flag(help: "Do not ask.")
    var yes = false

    @Option(name: .shortAndLong, help: ArgumentHelp("Output format.", valueName: "format"))
    var output = ReportFormat.text

    @OptionGroup var common: CommonOptions

    var access: AccessRules? { .purge }

    func run(in context: CommandContext) async throws -> ExitCode {
        let client = try connection.client(in: context)
        guard let (selection, count) = try await confirmed(client, in: context) else { return .failed }
        var removed = dryRun ? count : 0
        if !dryRun {
            do {
                try await purge(selection, client, noting: &removed, in: context)
            } catch {
                // What was done by then is done.
                if removed > 0 { context.console.say(report(removed)) }
                throw error
            }
        }
        try await ChangeReports.tell(
            [report(removed)], of: "the dead letters were purged", isPlan: dryRun || count == 0, in: context)
        return .done
    }

    private func purge(
        _ selection: DeadLetterSelection, _ client: StreamClient, noting removed: inout Int,
        in context: CommandContext
    ) async throws {
        let name = letters.name
        for try await portion in selection.portions {
            let ids = portion.map(\.id)
            let step = repeatable { mayBeDone in
                let count = try await client.purgeDeadLetters(ids, of: name)
                // Letters that were there and are not any more: the answer that said so was lost.
                return mayBeDone ? ids.count : count
            }
            removed += try await context.retrying(client, for: retry.limit, step)
        }
    }

    func question(count: Int) -> String {
        "purge removes \(count.counted("dead letter", "dead letters")) of \(letters.shown) for good"
    }

    private func report(_ count: Int) -> String {
        switch output {
        case .json:
            return JSONValue.object([
                ("stream", .string(letters.stream)), ("consumer", .string(letters.consumer)),
                ("dry_run", .bool(dryRun)), ("purged", .integer(count)),
            ]).text
        case .text:
            let name = "\(NameText.shown(letters.stream)), \(NameText.shown(letters.consumer))"
            let letters = count.counted("dead letter", "dead letters")
            return "\(name): \(dryRun ? "would purge" : "purged") \(letters)"
        }
    }
}
