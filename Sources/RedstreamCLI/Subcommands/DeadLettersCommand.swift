import ArgumentParser

/// `redstream dead-letters`: what consumers gave up on.
struct DeadLettersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead-letters",
        abstract: "List, show, replay or purge what a consumer gave up on.",
        discussion: """
            A consumer with --on-failure dead-letter puts a message aside that its handler fails for, and goes on. Each \
            consumer has its own dead letters. They stay until they are replayed or purged; trim leaves them alone.

              redstream dead-letters list --stream products --consumer indexer
              redstream dead-letters show --stream products --consumer indexer --count 1
              redstream dead-letters replay --stream products --consumer indexer --dry-run
              redstream dead-letters purge --stream products --consumer indexer --id 1795452143340-0 --yes
            """,
        subcommands: [
            DeadLettersListCommand.self, DeadLettersShowCommand.self, DeadLettersReplayCommand.self,
            DeadLettersPurgeCommand.self,
        ])
}
