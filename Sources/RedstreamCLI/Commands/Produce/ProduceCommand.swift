import ArgumentParser
import Redstream

/// `redstream produce`: write messages to a stream.
struct ProduceCommand: ConnectedCommand {
    static let action = "cannot produce"
    static let configuration = CommandConfiguration(
        commandName: "produce",
        abstract: "Write messages to a stream, or to its delay stream.",
        discussion: """
            Messages are arguments, or lines of a file or of standard input: one JSON payload, record id (--ids) or \
            record (--records) each. Blank lines and spaces around ids are ignored. Delivery is at least once: messages \
            that were not acknowledged when a connection broke are sent again, and counted as possibly doubled.

              # Write one message, and ids as they come from a database.
              redstream produce --stream products '{"id": 1}'
              psql -Atc 'select id from products' \\
                | redstream produce --stream products --ids
              # Place a message in one of 16 shards.
              redstream produce --stream products --shards 16 '{"id": 1}'
              # Save a stream to a file, and restore it.
              redstream consume --stream products --exit-at-end -o json > saved
              redstream produce --stream products --records --keep-ids --file saved
              # Change records by hand, and announce the changes whatever happens.
              redstream produce --stream products --ids --file ids --around ./update

            --shards places each message in the stream <stream>-<shard>, by the text of one key of its payload \
            (--shard-key), as the Ruby gem's users do. Messages of one record stay in order.

            --around is for changes that bypass the application, such as an UPDATE by hand. It writes delay messages, \
            runs the command, and if the command succeeds, writes the same messages to the stream. If anything fails in \
            between, the delay messages announce the change. All input is read and checked first (kept in an unnamed file \
            in $TMPDIR). Without messages the command does not run. The command's output is passed through, and the \
            report goes to standard error; the command reads /dev/null if the messages come from standard input. If the \
            command fails, nothing is queued, and its exit status is kept. While it runs, signals go to the command.
            """)

    static let exitNotes: [(code: ExitCode, meaning: String)] = [
        (.failed, "the server refused, or too few replicas have the messages"),
        (
            .badData,
            "a message is not JSON, not an id or not a record; the input cannot be read; --around got no messages"
        ),
    ]

    static let environment = [EnvironmentVariable.temporaryDirectory]

    @Option(help: "Stream to write to.", completion: .names(.stream), transform: NameText.parsed)
    var stream: String

    @Option(help: "Read lines from this file; - means standard input.", completion: .file())
    var file: String?

    @Flag(help: "Each line is the id of a record; write {\"id\": …}.")
    var ids = false

    @Option(help: ArgumentHelp("With --ids, require ids of this kind.", valueName: "kind"))
    var idsAs: RecordIDText.Kind?

    @Flag(help: "Each line is a record as consume -o json prints it; restore every field.")
    var records = false

    @Flag(help: "With --records, keep the entry ids too.")
    var keepIds = false

    @Flag(help: "Write to the delay stream.")
    var delayed = false

    @Option(shards: "Spread messages over this many shards: <stream>-0, <stream>-1 and so on.")
    var shards: Sharding?

    @Option(
        help: ArgumentHelp(
            "Key of the payload whose text chooses the shard (default: id).", valueName: "key"))
    var shardKey: String?

    @Option(
        help: ArgumentHelp(
            "Write delay messages for all input, run this command with /bin/sh, and if it succeeds, write the messages to the stream.",
            valueName: "command"))
    var around: String?

    @Option(help: ArgumentHelp("What to do with an invalid message.", valueName: "action"))
    var invalid = ProduceSession.InvalidLines.fail

    @Option(number: "Wait until this many replicas have each batch.")
    var waitReplicas: Int?

    @Option(duration: "How long to wait for replicas (default: 1s).")
    var waitTimeout: DurationText?

    @Flag(help: "Print the id of each new entry.")
    var printIds = false

    @Option(name: .shortAndLong, help: ArgumentHelp("Output format.", valueName: "format"))
    var output = ReportFormat.text

    @OptionGroup var common: CommonOptions

    @Argument(help: ArgumentHelp("Messages to write.", valueName: "payload"))
    var payloads: [String] = []

    func validate() throws {
        try NameCheck.notEmpty(stream, option: "--stream")
        if ids, records { throw ValidationError("--ids and --records both say what a line is: give one") }
        if idsAs != nil, !ids { throw ValidationError("--ids-as goes with --ids") }
        if keepIds, !records { throw ValidationError("--keep-ids goes with --records") }
        if file != nil, !payloads.isEmpty {
            throw ValidationError("messages come from --file or as arguments, not both")
        }
        if shardKey != nil, shards == nil { throw ValidationError("--shard-key goes with --shards") }
        if shardKey != nil, ids { throw ValidationError("with --ids the id chooses the shard: leave out --shard-key") }
        try NameCheck.notBlank(around, option: "--around")
        if around != nil, delayed {
            throw ValidationError("--around writes to both streams: leave out --delayed")
        }
        if around != nil, keepIds {
            throw ValidationError("--keep-ids keeps ids that a delay message cannot have: leave out --around")
        }
        if let waitReplicas, waitReplicas < 1 { throw ValidationError("--wait-replicas is at least 1") }
    }

    var ignoredOptions: [String] {
        waitTimeout != nil && waitReplicas == nil ? ["--wait-timeout is ignored: it goes with --wait-replicas"] : []
    }

    var access: AccessRules? { .produce }

    var scope: AccessScope? {
        AccessScope(
            [stream], areSharded: shards != nil,
            suffixes: around != nil ? ["", ".delay"] : [delayed ? ".delay" : ""])
    }

    func run(in context: CommandContext) async throws -> ExitCode {
        if printIds { try context.requireOutput() }
        let client = try connection.client(in: context)
        try client.requireOneSlot(of: stream)
        if shards != nil {
            let warning = try await context.interruptible { await ShardCheck.warning(of: stream, shards, client) }
            if let warning { context.console.note("\(warning); records may go to the wrong shard") }
        }
        let input = payloads.isEmpty ? try InputSource(file: file, context) : nil
        if input?.isTerminal == true {
            context.console.note("type one \(lineDescription) per line; Ctrl-D ends")
        }
        let reports = ChangeReports(
            of: "the messages were produced", in: context, outlivesReader: around != nil)
        let job = ProduceJob(
            client: client, stream: stream, placement: shards.map { ShardPlacement($0, key: shardKey ?? "id") },
            format: format, invalidLines: invalid, replicaWait: replicaWait, retryLimit: retry.limit)
        let messages = input.map { ProduceInput.lines($0.file, size: $0.size) } ?? .arguments(payloads)
        if let around {
            return try await AroundRun(
                job: job, command: around, context: context, output: output, input: messages,
                readsStandardInput: input?.isStandardInput == true, ids: printIds ? reports : nil
            ).run()
        }
        // What was read is sent and acknowledged before a signal ends it; a line cut off in the middle is not read.
        let (outcome, request) = try await job.send(
            messages, to: job.target(isDelayed: delayed), in: context, ids: printIds ? reports : nil, end: messages.stop
        )
        let line = output == .json ? outcome.json.text : TerminalText.escaped(outcome.text)
        if let error = outcome.error {
            if output == .json, !printIds {
                try? await reports.tell([line])
            } else if output == .json || !outcome.isEmpty {
                // That nothing was written, the error says.
                context.console.say(line)
            }
            if case OutputError.closed = error {
                context.console.note(
                    "nobody reads the ids any more"
                        + (outcome.hasTakenAll ? "" : ": the rest of the input is not written"))
            }
            throw error
        }
        if printIds { context.console.say(line) } else { try await reports.tell([line]) }
        await outcome.noteIfNew(client, in: context)
        try reports.finish()
        return request?.exitCode ?? .done
    }

    private var format: LineFormat {
        if ids { return .id(idsAs) }
        return records ? .record(RecordLineParser(keepsIDs: keepIds)) : .payload
    }

    private var lineDescription: String {
        if ids { return "record id" }
        return records ? "record" : "JSON payload"
    }

    private var replicaWait: Producer.ReplicaWait? {
        waitReplicas.map { Producer.ReplicaWait(replicas: $0, timeout: waitTimeout?.duration ?? .seconds(1)) }
    }
}

extension ProduceSession.InvalidLines: ExpressibleByArgument {}

/// Lets `--ids-as` take a kind by its name, and lists the kinds in the help.
extension RecordIDText.Kind: ExpressibleByArgument {}
