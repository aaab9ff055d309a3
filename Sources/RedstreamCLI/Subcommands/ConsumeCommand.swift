import ArgumentParser
import RedisClient
import Redstream

/// `redstream consume`: look at a stream, or be one of its consumers.
struct ConsumeCommand: ConnectedCommand {
    static let action = "cannot consume"
    static let configuration = CommandConfiguration(
        commandName: "consume",
        abstract: "Follow a stream, or consume it under a name.",
        discussion: """
            Without --name it only looks: it takes no lock and commits nothing. With --name it is a consumer: one \
            process at a time holds the lock, others stand by, and each batch is committed after it was handled.

            --exec runs a command once for each batch. It gets the batch as JSON lines on its standard input, and \
            REDSTREAM_STREAM, REDSTREAM_CONSUMER, REDSTREAM_FIRST_ID, REDSTREAM_LAST_ID, REDSTREAM_COUNT and \
            REDSTREAM_ATTEMPT in its environment. Exit 0 commits; after anything else the same batch comes again, \
            after a wait that doubles up to 30s.

            With --max-attempts, a batch that has failed so often is narrowed down by halves to the messages that fail, \
            while the others go through in order; a message of a failed batch may be handled again. One that fails \
            alone meets --on-failure: stop ends with 1, skip passes over it, dead-letter puts it aside for redstream \
            dead-letters. Attempts are counted on the server before the command runs, so that a command that kills \
            its host is counted too.

            Without --exec, a batch is committed once standard output has taken it. That every message is handled at \
            least once is promised for --exec.

              redstream consume --stream products
              redstream consume --stream products --from committed:indexer --count 5
              redstream consume --stream products --name indexer --exec './reindex'
              redstream consume --stream products --name indexer --exec ./reindex --max-attempts 5 \
            --on-failure dead-letter
              redstream consume --stream products --shards 16 --max-active 8 --name indexer --exec './reindex'

            --shards consumes the streams <stream>-0, <stream>-1 and so on, side by side, each under its own lock and in \
            its own order; the command of --exec runs for several at a time. A process takes every shard that is free, or \
            as many as --max-active says, and stands by for the others as long as it has room. So that the shards of a \
            process that dies find another, the others must have room for them. --count counts over all shards; \
            --exit-at-end ends when every shard has been read to its end, also those that another process holds now; with \
            --no-wait those are passed over, and the exit code is 75 where none was free, or not all could be read to \
            their end.
            """)

    @OptionGroup var connection: ConnectionOptions

    @Option(help: "The stream to read.", completion: NameCompletion.allStreams, transform: NameText.parsed)
    var stream: String

    @Option(
        help: "Consume under this name, with its lock and its offset.", completion: NameCompletion.consumers,
        transform: NameText.parsed)
    var name: String?

    @Option(
        help: ArgumentHelp(
            "Where to start: earliest, latest, an entry id, a time, a duration ago, or committed:NAME.",
            valueName: "position"),
        completion: NameCompletion.positions, transform: PositionText.init(_:))
    var from: PositionText?

    @Option(
        help: ArgumentHelp("Start at this time, or so long ago.", valueName: "time"), transform: { try PointInTime($0) }
    )
    var since: PointInTime?

    @Option(
        help: ArgumentHelp("End with this time, entry id, or so long ago.", valueName: "time"),
        transform: { try PointInTime($0) })
    var until: PointInTime?

    @Option(
        help: ArgumentHelp(
            "Read that many shards, the streams <stream>-0, <stream>-1 and so on, side by side.", valueName: "number"),
        transform: Sharding.init(argument:))
    var shards: Sharding?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "With --shards, hold that many of them at most, and leave the rest to other processes.",
            valueName: "number"))
    var maxActive: Int?

    @Option(parsing: .unconditional, help: ArgumentHelp("End after that many entries.", valueName: "number"))
    var count: Int?

    @Flag(help: "End with the entry that is the last one now.")
    var exitAtEnd = false

    @Option(parsing: .unconditional, help: ArgumentHelp("The most entries in a batch.", valueName: "number"))
    var batchSize = 1000

    @Option(
        help: ArgumentHelp("Run this command with /bin/sh once for each batch; exit 0 commits.", valueName: "command"))
    var exec: String?

    @OptionGroup var failure: FailureOptions

    @Flag(help: "Exit with 75 when another process holds the lock, instead of standing by.")
    var noWait = false

    @Option(name: .shortAndLong, help: "text (default on a terminal), json (default elsewhere), or payload.")
    var output: RecordFormat?

    @Flag(help: "Write payloads as strings, for tools that round large numbers.")
    var payloadAsString = false

    @Option(
        help: ArgumentHelp("How long a batch may take to finish after a signal (default: 10s).", valueName: "duration"),
        transform: DurationText.init(_:))
    var grace = DurationText(duration: .seconds(10))

    @OptionGroup var retry: RetryOptions

    @OptionGroup var color: ColorOptions

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

    var access: AccessRules? { name == nil ? .look : .consume }

    var scope: AccessScope? {
        let letters = name.map { [".\($0.escapedForGlob).dead"] } ?? []
        // Another consumer's offset may be where it starts.
        let readsAnother = if case .committed = from { true } else { false }
        return AccessScope(
            [stream], areSharded: shards != nil, suffixes: [""] + letters, consumer: readsAnother ? nil : name)
    }

    func run(in context: CommandContext) async throws -> ExitCode {
        // Output that goes nowhere must not count as handled.
        if exec == nil { try context.requireOutput() }
        let client = try connection.client(in: context)
        if name != nil { try client.requireOneSlot(of: stream) }
        if let shards { return try await run(shards, client, in: context) }
        guard let plan = try await plans([stream], client, in: context)?.first else { return .done }
        if !plan.streamExists {
            await noteMissingStream(isOver: plan.isOver, client, in: context)
            // There is nothing to read, and the name may be a mistake: no offset is left behind.
            if plan.isOver { return .done }
        }
        let tally = ConsumeTally(context.console, showsProgress: isFinite && !context.outputIsTerminal)
        let request: StopRequest?
        if let name {
            let handle = handler(writingTo: context.output.write, in: context)
            let consumer = Consumer(client, stream: stream, name: name, options: options(plan)) { batch in
                try await handle(batch)
                tally.add(batch.messages.count)
            }
            request = try await context.serve(
                [consumer], grace: grace.duration, watchesOutput: exec == nil)
        } else {
            let write = writer(to: context.output.write, in: context)
            let reader = StreamReader(
                client, stream: stream, from: plan.start, limits: plan.limits, batchSize: batchSize,
                retryLimit: retryLimit
            ) { messages in
                try await write(stream, messages)
                tally.add(messages.count)
            }
            request = try await context.serve([reader], grace: grace.duration, watchesOutput: true)
        }
        tally.finish()
        // Only where being stopped is the normal end is it a success.
        return isFinite ? request?.exitCode ?? .done : .done
    }

    var isFinite: Bool { count != nil || exitAtEnd || until != nil }

    /// How long the server may be away; nil for ever.
    var retryLimit: Duration? { isFinite ? retry.retryFor.duration : nil }

    /// Where to start and to end on each stream; nil where following was over before it began.
    func plans(_ streams: [String], _ client: StreamClient, in context: CommandContext) async throws -> [ReadPlan]? {
        do {
            return try await context.retrying(for: retryLimit) {
                var plans: [ReadPlan] = []
                for stream in streams { plans.append(try await ReadPlan(self, stream: stream, client)) }
                return plans
            }
        } catch is CancellationError where !isFinite && context.signals.first != nil {
            return nil
        }
    }
}
