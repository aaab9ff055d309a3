import ArgumentParser
import Redstream

/// `redstream inspect-offsets`: where every consumer stands.
struct InspectCommand: ConnectedCommand {
    static let action = "cannot inspect"
    static let configuration = CommandConfiguration(
        commandName: "inspect-offsets",
        abstract: "Show streams, consumers, their lag, and who holds which lock.",
        discussion: """
            The verdict is the first that holds: orphan (an offset with no stream), ahead (beyond the stream's last \
            id), gap (trimmed past its offset), stalled (held, but old entries wait and the offset stands still), \
            stopped (entries wait, nobody holds the lock), active (held), idle.

              redstream inspect-offsets
              redstream inspect-offsets --stream products --watch
              redstream inspect-offsets --stream products --shards 16
              redstream inspect-offsets --max-lag 1000 --max-behind 5m

            With --shards a row for each consumer comes first: on how many shards it is known, how many are held and by how \
            many processes, the lag of all, the shard with the largest and how many times the mean that is (SKEW), the \
            oldest unread entry, and the worst verdict. --max-lag is checked against the lag of all shards together, \
            --max-behind against each. Without --shards, a stream <stream>-0 is a stream like any other.
            """)

    @OptionGroup var connection: ConnectionOptions

    @Option(help: "Only this stream.", completion: NameCompletion.streams, transform: NameText.parsed)
    var stream: String?

    @Option(
        help: ArgumentHelp(
            "Only the shards of the stream, <stream>-0, <stream>-1 and so on, and what they come to together.",
            valueName: "number"),
        transform: Sharding.init(argument:))
    var shards: Sharding?

    @Option(
        help: ArgumentHelp("Only consumers of this name.", valueName: "name"), completion: NameCompletion.consumers,
        transform: NameText.parsed)
    var consumer: String?

    @Option(name: .shortAndLong, help: "table, json or prometheus.")
    var output = InspectFormat.table

    @Option(
        defaultAsFlag: WatchInterval(duration: .seconds(2)),
        // Scanning for a value, the parser would pass over one after `=` where another option follows.
        parsing: .next,
        help: ArgumentHelp(
            "Look again and again, every 2s or as given: --watch=500ms.", valueName: "interval"))
    var watch: WatchInterval?

    @Option(
        help: ArgumentHelp(
            "The age of an unread entry from which standing still is stalled (default: 60s).", valueName: "duration"),
        transform: DurationText.init(_:))
    var stalledAfter = DurationText(duration: .seconds(60))

    @Option(
        help: ArgumentHelp("The delay to assume where no delayer has left one.", valueName: "duration"),
        transform: DurationText.init(_:))
    var delay: DurationText?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Exit with 2 if a consumer has more unread entries.", valueName: "number"))
    var maxLag: Int?

    @Option(
        help: ArgumentHelp("Exit with 2 if a consumer's oldest unread entry is older.", valueName: "duration"),
        transform: DurationText.init(_:))
    var maxBehind: DurationText?

    @Option(parsing: .unconditional, help: "Exit with 2 if a consumer has more dead letters.")
    var maxDead: Int?

    @OptionGroup var retry: RetryOptions

    @OptionGroup var color: ColorOptions

    func validate() throws {
        try NameCheck.notEmpty(stream, option: "--stream")
        try NameCheck.notEmpty(consumer, option: "--consumer")
        try ShardCheck.streamIsNamed(stream.map { [$0] } ?? [], shards)
        if let maxLag, maxLag < 0 { throw ValidationError("--max-lag is at least 0") }
        if let maxDead, maxDead < 0 { throw ValidationError("--max-dead is at least 0") }
        if let problem = watch?.problem { throw ValidationError("--watch: \(problem)") }
        if watch != nil, maxLag != nil || maxBehind != nil || maxDead != nil {
            throw ValidationError("--max-lag, --max-behind and --max-dead check once: leave out --watch")
        }
    }

    var access: AccessRules? { .inspect }

    var scope: AccessScope? {
        stream.map {
            AccessScope([$0], areSharded: shards != nil, suffixes: ["", ".delay", ".*.dead"], touchesDelayers: true)
        }
    }

    func run(in context: CommandContext) async throws -> ExitCode {
        let client = try connection.client(in: context)
        let look = StatusLook(client: client, options: options, place: try connection.place(in: context))
        if let watch {
            let service = WatchService(
                look, format: output, interval: watch.duration, context: context, isColored: color.isOn(in: context))
            _ = try await context.serve([service], grace: .seconds(1), watchesOutput: true)
            return .done
        }
        let check = check
        let (report, missing) = try await context.retrying(for: retry.retryFor.duration) {
            let report = try await look.report()
            return (report, try await look.missing(in: report, isCheck: check.isCheck))
        }
        AmbiguityNote(report).show(on: context.console)
        // A table of what does not exist tells less than the error.
        if missing == nil || output != .table {
            let text = StatusText(
                report, namespace: client.keys.namespace, isForTerminal: context.outputIsTerminal,
                isColored: color.isOn(in: context), nothing: await look.nothing(in: report))
            try await context.show(text.text(output))
        }
        if let missing { throw missing }
        var breaches = check.breaches(in: report)
        if let stream, let warning = await ShardCheck.warning(of: stream, shards, client) {
            if check.isCheck { breaches.append(warning) } else { context.console.note(warning) }
        }
        for breach in breaches { context.console.note(breach) }
        return breaches.isEmpty ? .done : .checkFailed
    }

    /// The limits that were given.
    var check: LagCheck { LagCheck(maxLag: maxLag, maxBehind: maxBehind?.duration, maxDead: maxDead) }

    /// What to look at, and how closely.
    var options: Inspector.Options {
        Inspector.Options(
            stream: stream, sharding: shards, consumer: consumer, stalledAfter: stalledAfter.duration,
            // A limit on the lag must be counted up to, and one further.
            countLimit: max(maxLag ?? 0, 10_000), assumedDelay: delay?.duration)
    }
}

/// How `inspect-offsets` reports.
enum InspectFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    case table
    case json
    case prometheus
}
