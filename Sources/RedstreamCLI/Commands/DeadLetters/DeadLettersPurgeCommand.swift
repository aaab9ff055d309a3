import ArgumentParser
import Redstream

/// `redstream dead-letters purge`: remove them for good.
struct DeadLettersPurgeCommand: ConnectedCommand {
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

    static let exitNotes: [(code: ExitCode, meaning: String)] = [
        (.failed, "the question was answered with no, or --yes is missing where nobody can be asked")
    ]

    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    @OptionGroup var letters: DeadLetterOptions

    @Flag(help: "Show how many would be removed; remove nothing.")
    var dryRun = false

    @Flag(help: "Do not ask.")
    var yes = false

    @Option(name: .shortAndLong, help: ArgumentHelp("Output format.", valueName: "format"))
    var output = ReportFormat.text

    @OptionGroup(title: "Connection") var retry: RetryOptions

    @OptionGroup var color: ColorOptions

    var access: AccessRules? { .purge }

    var scope: AccessScope? { letters.scope }

    func run(in context: CommandContext) async throws -> ExitCode {
        let client = try connection.client(in: context)
        let (letters, limit) = (letters, retry.limit)
        let selection = try await letters.selection(of: client, in: context, retryLimit: limit)
        let count = try await selection.count()
        if dryRun || count == 0 {
            try await context.show(report(count))
            return .done
        }
        let reason = question(count: count)
        guard try await Confirmation.isGiven(for: reason, isAllowed: yes, in: context) else { return .failed }
        var removed = 0
        do {
            try await purge(selection, client, noting: &removed, in: context)
        } catch {
            // What was done by then is done.
            if removed > 0 { context.console.say(report(removed)) }
            throw error
        }
        let reports = ChangeReports(of: "the dead letters were purged", in: context)
        try await reports.tell([report(removed)])
        try reports.finish()
        return .done
    }

    private func purge(
        _ selection: DeadLetterSelection, _ client: StreamClient, noting removed: inout Int,
        in context: CommandContext
    ) async throws {
        let name = letters.name
        var portions = selection.portions()
        while let portion = try await portions.nextPortion() {
            let ids = portion.map(\.id)
            let step = RepeatedStep()
            removed += try await context.retrying(client, for: retry.limit) {
                try await step.attempt { mayBeDone in
                    let count = try await client.purgeDeadLetters(ids, of: name)
                    // Letters that were there and are not any more: the answer that said so was lost.
                    return mayBeDone ? ids.count : count
                }
            }
        }
    }

    func loss(in context: CommandContext) async throws -> String? {
        guard !yes, !dryRun else { return nil }
        return try await letters.count(in: connection.client(in: context), context).map(question)
    }

    /// Returns the question before the purge.
    private func question(count: Int) -> String {
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
