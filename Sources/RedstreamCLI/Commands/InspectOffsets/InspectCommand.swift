import ArgumentParser
import Redstream

/// `redstream inspect-offsets`: where every consumer stands.
struct InspectCommand: ConnectedCommand {
    static let action = "cannot inspect"
    static let configuration = CommandConfiguration(
        commandName: "inspect-offsets",
        abstract: "Show streams, consumers, their lag, and who holds which lock.",
        discussion: """
            LAG counts the entries that are not committed, BEHIND is the age of the oldest of them. The verdict is the \
            first that holds in the list of verdicts.

              # Show everything; follow one stream.
              redstream inspect-offsets
              redstream inspect-offsets --stream products --watch
              # Show what the shards of a stream come to together.
              redstream inspect-offsets --stream products --shards 16
              # Check limits: exits with 2 if one is exceeded.
              redstream inspect-offsets --max-lag 1000 --max-behind 5m

            With --shards, a row for each consumer comes first: the number of shards that it was seen on (SEEN ON) and \
            that are held (HELD), the number of processes that hold them (PROCESSES), the lag of all shards (LAG), the \
            shard with the largest lag (LARGEST) and how many times the mean that lag is (SKEW), the age of the oldest \
            unread entry (BEHIND), and the worst verdict. --max-lag is checked against the lag of all shards together, \
            --max-behind against each shard. Without --shards, a stream <stream>-0 is a stream like any other.
            """)

    static let exitNotes: [(code: ExitCode, meaning: String)] = [
        (.done, "done, and no limit is exceeded"),
        (
            .checkFailed,
            "a stream or consumer that was named does not exist; with --max-lag, --max-behind or --max-dead: a consumer is over the limit, its verdict is orphan, ahead or gap, there is no consumer to check, or there are more shards than --shards says"
        ),
    ]

    static let helpSections = [
        HelpSection(
            "VERDICTS",
            Verdict.advice.map { row in
                (row.verdict.rawValue, row.meaning + (row.advice.isEmpty ? "." : ". To do: \(row.advice)."))
            })
    ]

    @Option(help: "Only this stream.", completion: .names(.stream), transform: NameText.parsed)
    var stream: String?

    @Option(shards: "Only this many shards of the stream, <stream>-0, <stream>-1 and so on, and their totals.")
    var shards: Sharding?

    @Option(
        help: ArgumentHelp("Only consumers of this name.", valueName: "name"), completion: .names(.consumer),
        transform: NameText.parsed)
    var consumer: String?

    @Option(name: .shortAndLong, help: ArgumentHelp("Output format.", valueName: "format"))
    var output = InspectFormat.table

    @Option(
        defaultAsFlag: WatchInterval(duration: .seconds(2)),
        // Scanning for a value, the parser would pass over one after `=` where another option follows.
        parsing: .next,
        help: ArgumentHelp("Refresh every 2s, or every <interval>, such as --watch=500ms.", valueName: "interval"))
    var watch: WatchInterval?

    @Option(
        help: ArgumentHelp(
            "How long entries may wait before a consumer that does not advance is called stalled (default: 60s).",
            valueName: "duration"),
        transform: DurationText.init(_:))
    var stalledAfter = DurationText(duration: .seconds(60))

    @Option(duration: "Delay to assume if no delayer has recorded one.")
    var delay: DurationText?

    @Option(number: "Exit with 2 if a consumer has more unread entries.")
    var maxLag: Int?

    @Option(duration: "Exit with 2 if a consumer's oldest unread entry is older.")
    var maxBehind: DurationText?

    @Option(number: "Exit with 2 if a consumer has more dead letters.")
    var maxDead: Int?

    @OptionGroup var common: CommonOptions

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

    static let optionalValues = ["watch"]

    var isPaged: Bool { watch == nil }

    var ignoredOptions: [String] { watch == nil ? [] : retry.ignoredByServices }

    var access: AccessRules? { .inspect }

    var scope: AccessScope? {
        stream.map {
            AccessScope([$0], areSharded: shards != nil, suffixes: ["", ".delay", ".*.dead"], touchesDelayers: true)
        }
    }

    func run(in context: CommandContext) async throws -> ExitCode {
        try context.requireOutput()
        let client = try connection.client(in: context)
        let look = StatusLook(client: client, options: options, location: Location(client))
        if let watch {
            let service = WatchService(
                look, format: output, interval: watch.duration, context: context, isColored: color.isOn(in: context))
            _ = try await context.serve([service], grace: .seconds(1), watchesOutput: true)
            return .done
        }
        let check = check
        let (report, missing) = try await context.retrying(client, for: retry.limit) {
            let report = try await look.report()
            return (report, try await look.missing(in: report, isCheck: check.isCheck))
        }
        AmbiguityNote(report).show(on: context.console)
        // A table of what does not exist tells less than the error.
        if missing == nil || output != .table {
            let text = StatusText(
                report, namespace: client.keys.namespace, isForTerminal: context.outputIsTerminal,
                isColored: color.isOn(in: context), nothing: output == .table ? await look.nothing(in: report) : nil)
            try await context.show(text.text(output))
        }
        if let missing { throw missing }
        var breaches = check.breaches(in: report)
        if let stream, let warning = await ShardCheck.warning(of: stream, shards, client) {
            if check.isCheck { breaches.append(warning) } else { context.console.note(warning) }
        }
        if check.isCheck, report.directoryAge >= .seconds(10) {
            context.console.note(
                "consumers of the gem that began in the last \(report.directoryAge.shortText) are not checked: names were scanned for then"
            )
        }
        for breach in breaches { context.console.note(breach) }
        return breaches.isEmpty ? .done : .checkFailed
    }

    /// The limits that were given.
    var check: LagCheck { LagCheck(maxLag: maxLag, maxBehind: maxBehind?.duration, maxDead: maxDead) }

    var watched: Inspector.Options? { options }

    /// The streams and consumers to look at, and the level of detail.
    var options: Inspector.Options {
        Inspector.Options(
            stream: stream, sharding: shards, consumer: consumer, stalledAfter: stalledAfter.duration,
            // A limit on the lag must be counted up to, and one further.
            countLimit: max(maxLag ?? 0, stream == nil ? 1000 : 10_000), assumedDelay: delay?.duration)
    }
}

/// The format of the report of `inspect-offsets`.
enum InspectFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    case table
    case json
    case prometheus
}

extension Verdict {
    /// The verdicts in the order in which they are tried: what each means, and what to do about it; empty for nothing.
    static let advice: [(verdict: Verdict, meaning: String, advice: String)] = [
        (
            .orphan, "there is an offset, but no stream",
            "run redstream forget if the stream is gone for good"
        ),
        (
            .ahead, "the offset is beyond the stream's last id: nothing will be read",
            "find out if the stream was deleted or restored; run redstream seek --to earliest or latest"
        ),
        (
            .gap, "entries after the offset were trimmed before they were read",
            "bring the secondary up to date from the primary; the next commit ends it"
        ),
        (
            .stalled, "the lock is held, but entries wait longer than --stalled-after and the offset does not move",
            "look at the holder's log: its handler hangs or fails"
        ),
        (.stopped, "entries wait, and no process holds the lock", "start the consumer"),
        (.active, "a process holds the lock", ""),
        (.idle, "no entries wait, and no process holds the lock", ""),
    ]
}

/// The value of `--watch`, which may be left out.
///
/// The parser passes over a value that cannot be read, and takes the default; so every text is taken, and checked later.
struct WatchInterval: ExpressibleByArgument, Sendable {
    let duration: Duration
    /// The fault of the text; nil where there is none.
    let problem: String?

    init(duration: Duration) {
        self.init(duration: duration, problem: duration < .milliseconds(100) ? "it is at least 100ms" : nil)
    }

    init(argument: String) {
        do {
            self.init(duration: try DurationText(argument).duration)
        } catch {
            self.init(duration: .zero, problem: "\(error)")
        }
    }

    private init(duration: Duration, problem: String?) {
        self.duration = duration
        self.problem = problem
    }
}

extension WatchInterval: CustomStringConvertible {
    var description: String { duration.shortText }
}
