import ArgumentParser

/// `redstream dead-letters`: what consumers gave up on.
struct DeadLettersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead-letters",
        abstract: "List, show, replay or purge dead letters (messages a consumer gave up on).",
        discussion: """
            With --on-failure dead-letter, a consumer sets aside a message its handler keeps failing on, and continues. \
            Each consumer has its own dead letters. They stay until they are replayed or purged; trim leaves them alone.

              # See what there is, and why.
              redstream dead-letters list --stream products --consumer indexer
              redstream dead-letters show --stream products --consumer indexer --count 1
              # Replay them, once the cause is fixed; first without changing anything.
              redstream dead-letters replay --stream products --consumer indexer --dry-run
              # Remove one for good.
              redstream dead-letters purge --stream products --consumer indexer \\
                --id 1795452143340-0 --yes
            """,
        subcommands: [
            DeadLettersListCommand.self, DeadLettersShowCommand.self, DeadLettersReplayCommand.self,
            DeadLettersPurgeCommand.self,
        ])
}
