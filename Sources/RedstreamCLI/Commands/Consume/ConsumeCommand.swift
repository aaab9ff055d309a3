import ArgumentParser
import Redstream
import RedstreamConnection

/// `redstream consume`: look at a stream, or be one of its consumers.
struct ConsumeCommand: ConnectedCommand {
    static let action = "cannot consume"
    static let configuration = CommandConfiguration(
        commandName: "consume",
        abstract: "Follow a stream, or consume it under a name.",
        discussion: """
            Without --name it only reads: it takes no lock and commits nothing. With --name it is a consumer: one \
            process at a time holds the lock, others stand by, and each batch is committed after it was handled.

            --exec runs a command for each batch. The command gets the batch as JSON lines on its standard input, and \
            REDSTREAM_STREAM, REDSTREAM_CONSUMER, REDSTREAM_FIRST_ID, REDSTREAM_LAST_ID, REDSTREAM_COUNT and \
            REDSTREAM_ATTEMPT in its environment. Exit 0 commits. After any other exit, the same batch is retried, \
            after a wait that doubles up to 30s.

            With --max-attempts, a batch that failed that often is split in halves, down to the messages that fail; the \
            others go through in order. A message of a failed batch may be handled again. --on-failure says what to do \
            with a message that fails on its own: stop exits with 1, skip commits it, dead-letter moves it to the dead \
            letters (redstream dead-letters). Attempts are counted in Redis before each run, so a crash of the host \
            counts.

            Without --exec, a batch is committed once standard output has taken it. Only --exec guarantees \
            at-least-once handling.

            --from and --since count only for a consumer that has no offset yet; otherwise they are ignored, and \
            with --until refused. To move an offset, run redstream seek.

              # Follow a stream.
              redstream consume --stream products
              # Show the next five entries of a consumer, without being it.
              redstream consume --stream products --from committed:indexer --count 5
              # Handle each batch with a command; exit 0 commits it.
              redstream consume --stream products --name indexer --exec ./reindex
              # The same, but set aside messages that keep failing.
              redstream consume --stream products --name indexer --exec ./reindex \\
                --max-attempts 5 --on-failure dead-letter
              # Consume 16 shards, at most 8 of them in this process.
              redstream consume --stream products --shards 16 --max-active 8 \\
                --name indexer --exec ./reindex

            --shards consumes the streams <stream>-0, <stream>-1 and so on, each under its own lock and in its own order; \
            the command of --exec runs for several shards at a time. Each process takes all free shards, or up to \
            --max-active, and stands by for the others while it has room. Leave spare room: shards of a dead process go \
            to processes with room. --count counts over all shards. --exit-at-end ends when every shard was read to its \
            end, also those that another process holds. With --no-wait those are left out, and the exit code is 75 if no \
            shard was free, or some were not read to their end.
            """)

    static let exitNotes: [(code: ExitCode, meaning: String)] = [
        (.done, "done; also if a signal stops a consumer that has no end"),
        (
            .failed,
            "a message failed for the last time (--on-failure stop), a batch took longer than --grace, or --since and --until were given for a consumer that has an offset"
        ),
        (.lockHeld, "with --no-wait: another process holds the lock"),
    ]

    static let environment: [EnvironmentVariable] = [
        .init("REDSTREAM_STREAM", "Set for the command of --exec: the stream, or the shard, of the batch."),
        .init("REDSTREAM_CONSUMER", "Set for the command of --exec: the consumer."),
        .init("REDSTREAM_FIRST_ID", "Set for the command of --exec: the id of the first entry."),
        .init("REDSTREAM_LAST_ID", "Set for the command of --exec: the id of the last entry."),
        .init("REDSTREAM_COUNT", "Set for the command of --exec: the number of entries."),
        .init("REDSTREAM_ATTEMPT", "Set for the command of --exec: the number of the attempt, from 1."),
    ]

    @Option(help: "Stream to read.", completion: .names(.anyStream), transform: NameText.parsed)
    var stream: String

    @Option(
        help: "Consume under this name, with its lock and its offset.", completion: .names(.consumer),
        transform: NameText.parsed)
    var name: String?

    @Option(
        help: ArgumentHelp(
            "Where to start: earliest (default), latest, an entry id, a time, a duration ago, or committed:NAME.",
            valueName: "position"),
        completion: .names(.position), transform: PositionText.init(_:))
    var from: PositionText?

    @Option(
        help: ArgumentHelp("Start at this time, or this long ago.", valueName: "time"),
        transform: { try PointInTime($0) }
    )
    var since: PointInTime?

    @Option(
        help: ArgumentHelp("Stop at this time, entry id, or this long ago.", valueName: "time"),
        transform: { try PointInTime($0) })
    var until: PointInTime?

    @Option(shards: "Read this many shards side by side: <stream>-0, <stream>-1 and so on.")
    var shards: Sharding?

    @Option(number: "With --shards, hold at most this many, and leave the rest to other processes.")
    var maxActive: Int?

    @Option(number: "Stop after this many entries.")
    var count: Int?

    @Flag(help: "Stop at the entry that was last when the command started.")
    var exitAtEnd = false

    @Option(parsing: .unconditional, help: ArgumentHelp("Most entries in a batch.", valueName: "number"))
    var batchSize = 1000

    @Option(
        help: ArgumentHelp("Run this command with /bin/sh for each batch; exit 0 commits.", valueName: "command"))
    var exec: String?

    @OptionGroup var failure: FailureOptions

    @Flag(help: "Exit with 75 if another process holds the lock, instead of standing by.")
    var noWait = false

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Output format (default: text on a terminal, else json).", valueName: "format"))
    var output: RecordFormat?

    @Flag(help: "Write payloads as JSON strings, for tools that round large numbers.")
    var payloadAsString = false

    @OptionGroup var grace: GraceOptions

    @OptionGroup var common: CommonOptions

    func validate() throws {
        try NameCheck.notEmpty(stream, option: "--stream")
        try NameCheck.notEmpty(name, option: "--name")
        try NameCheck.notBlank(exec, option: "--exec")
        if from != nil, since != nil {
            throw ValidationError("--from and --since both say where to start: give one")
        }
        try ShardCheck.maxActive(maxActive, shards)
        if name == nil, maxActive != nil {
            throw ValidationError("--max-active is about a consumer's locks: add --name")
        }
        if let count, count < 1 { throw ValidationError("--count is at least 1") }
        if batchSize < 1 { throw ValidationError("--batch-size is at least 1") }
        if name == nil, exec != nil {
            throw ValidationError("--exec handles batches for a consumer: add --name")
        }
        if name == nil, noWait { throw ValidationError("--no-wait is about a consumer's lock: add --name") }
        try failure.check(exec: exec)
        if exec != nil, output != nil {
            throw ValidationError("--output has no use with --exec: the command's own output is shown")
        }
    }

    var ignoredOptions: [String] {
        var sentences = isFinite ? [] : retry.ignoredByServices
        if payloadAsString, let output, output != .json {
            sentences.append("--payload-as-string is ignored with --output \(output.rawValue): it is about json")
        }
        return sentences
    }

    var access: AccessRules? { name == nil ? .look : .consume }

    var scope: AccessScope? {
        let letters = name.map { [".\($0.escapedForGlob).dead"] } ?? []
        // Another consumer's offset may be where it starts.
        let readsAnother = if case .committed = from { true } else { false }
        return AccessScope(
            [stream], areSharded: shards != nil, suffixes: [""] + letters, consumer: readsAnother ? nil : name)
    }

    var watched: Inspector.Options? { Inspector.Options(stream: stream, sharding: shards) }

    var isFinite: Bool { count != nil || exitAtEnd || until != nil }

    /// The time that the server may be away; nil for ever.
    var retryLimit: Duration? { isFinite ? retry.limit : nil }
}
