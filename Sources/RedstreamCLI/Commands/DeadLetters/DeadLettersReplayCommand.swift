import ArgumentParser
import Redstream

/// `redstream dead-letters replay`: give messages another chance.
struct DeadLettersReplayCommand: DeadLetterRemoval {
    static let action = "cannot replay dead letters"
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Write dead letters back to their stream.",
        discussion: """
            Each message gets its own fields and a new id, and its letter is removed, in one step on the server. Every \
            consumer of the stream sees it again. A message that fails again becomes a letter again, which counts its \
            replays; --max-replays leaves such letters where they are.

              # Show how many, then replay the ten oldest.
              redstream dead-letters replay --stream products --consumer indexer --dry-run
              redstream dead-letters replay --stream products --consumer indexer \\
                --count 10 --yes
            """)

    @OptionGroup var letters: DeadLetterOptions

    @Option(help: ArgumentHelp("Skip letters already replayed this often.", valueName: "number"))
    var maxReplays = 3

    @Flag(help: "Show how many would be replayed; change nothing.")
    var dryRun = false

    @Flag(help: "Do not ask.")
    var yes = false

    @Option(name: .shortAndLong, help: ArgumentHelp("Output format.", valueName: "format"))
    var output = ReportFormat.text

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if maxReplays < 1 { throw ValidationError("--max-replays is at least 1") }
    }

    /// The numbers of replayed letters, by outcome.
    private struct Tally {
        var replayed = 0
        var left = 0
        var last: StreamID?
    }

    var access: AccessRules? { .replay }

    func run(in context: CommandContext) async throws -> ExitCode {
        let client = try connection.client(in: context)
        guard let (selection, count) = try await confirmed(client, in: context) else { return .failed }
        if !dryRun, count > 0 {
            try await context.retrying(client, for: retry.limit) { try await client.forgetReplays(of: letters.name) }
        }
        var tally = Tally()
        let request: StopRequest?
        do {
            request = try await replay(selection, client, noting: &tally, in: context)
        } catch {
            // What was done by then is done.
            if tally.replayed > 0, !dryRun { context.console.say(line(tally)) }
            throw error
        }
        try await report(tally, in: context)
        return request?.exitCode ?? .done
    }

    /// Replays letters one after the other.
    ///
    /// - Returns: The request that cut it short; nil if none did.
    private func replay(
        _ selection: DeadLetterSelection, _ client: StreamClient, noting tally: inout Tally,
        in context: CommandContext
    ) async throws -> StopRequest? {
        let name = letters.name
        for try await portion in selection.portions {
            for letter in portion {
                if let request = context.signals.first { return request }
                if let replays = letter.origin?.replays, replays >= maxReplays {
                    tally.left += 1
                } else if dryRun {
                    tally.replayed += 1
                } else {
                    let step = repeatable { mayBeDone in
                        let id = try await client.replay(letter, of: name)
                        // A letter that was there and is not any more: the answer, with the new id, was lost.
                        return (id, id != nil || mayBeDone)
                    }
                    let (id, isDone) = try await context.retrying(client, for: retry.limit, step)
                    guard isDone else { continue }
                    tally.replayed += 1
                    tally.last = id ?? tally.last
                }
            }
        }
        return nil
    }

    func question(count: Int) -> String {
        let what = "\(count.counted("dead letter", "dead letters")) of \(NameText.shown(letters.consumer))"
        return "replay writes \(what) to \(NameText.shown(letters.stream)) again, for all of its consumers"
    }

    private func report(_ tally: Tally, in context: CommandContext) async throws {
        defer { noteLeft(tally, in: context) }
        try await ChangeReports.tell(
            [line(tally)], of: "the dead letters were replayed", isPlan: dryRun, in: context)
    }

    private func line(_ tally: Tally) -> String {
        switch output {
        case .json:
            return JSONValue.object([
                ("stream", .string(letters.stream)), ("consumer", .string(letters.consumer)),
                ("dry_run", .bool(dryRun)), ("replayed", .integer(tally.replayed)), ("left", .integer(tally.left)),
                ("last_id", .optional(tally.last)),
            ]).text
        case .text:
            let verb = dryRun ? "would replay" : "replayed"
            let count = tally.replayed.counted("message", "messages")
            let last = tally.last.map { ", last id \($0)" } ?? ""
            return "\(verb) \(count) to \(NameText.shown(letters.stream))\(last)"
        }
    }

    private func noteLeft(_ tally: Tally, in context: CommandContext) {
        guard tally.left > 0 else { return }
        context.console.note(
            "\(tally.left.counted("letter", "letters")) skipped, already replayed \(maxReplays.counted("time", "times")): --max-replays \(maxReplays + 1) allows one more"
        )
    }
}
