import ArgumentParser
import Redstream

/// `redstream trim`: remove old or committed entries.
struct TrimCommand: ConnectedCommand {
    static let action = "cannot trim"
    static let configuration = CommandConfiguration(
        commandName: "trim",
        abstract: "Remove entries that are old enough, or that consumers have committed.",
        discussion: """
            Runs until it is stopped; --once makes one pass. --expiry removes what is older, read or not; --consumers \
            and --committed only what those consumers have committed; together, what is both. Without --stream every \
            stream of the namespace is trimmed but delay and dead-letter streams.

              redstream trim --expiry 1d
              redstream trim --stream products --consumers indexer,cacher --once
              redstream trim --stream products --shards 16 --committed
              redstream trim --expiry 7d --committed --dry-run
            """)

    @OptionGroup var connection: ConnectionOptions

    @Option(
        help: "The stream to trim; may be repeated.", completion: NameCompletion.streams, transform: NameText.parsed)
    var stream: [String] = []

    @Option(
        help: ArgumentHelp(
            "Trim that many shards of each stream, <stream>-0, <stream>-1 and so on.", valueName: "number"),
        transform: Sharding.init(argument:))
    var shards: Sharding?

    @Option(
        help: ArgumentHelp("Remove what is older than this, such as 1d.", valueName: "duration"),
        transform: DurationText.init(_:))
    var expiry: DurationText?

    @Option(
        help: ArgumentHelp(
            "Remove only what all of these consumers have committed, separated by commas.", valueName: "names"),
        completion: NameCompletion.consumerList, transform: NameText.parsedList)
    var consumers: String?

    @Flag(help: "Remove only what all consumers have committed that have an offset or hold a lock.")
    var committed = false

    @Flag(help: "Show what would be removed, and remove nothing.")
    var dryRun = false

    @Flag(help: "Make one pass, and end; exits with 75 when a lock is held.")
    var once = false

    @Flag(help: "With --once, stand by for a lock that is held.")
    var wait = false

    @Option(
        help: ArgumentHelp("The time between passes (default: 30s).", valueName: "duration"),
        transform: DurationText.init(_:))
    var interval = DurationText(duration: .seconds(30))

    @Option(name: .shortAndLong, help: "How to report: text or json.")
    var output = ReportFormat.text

    @Option(
        help: ArgumentHelp("How long a pass may take to finish after a signal (default: 10s).", valueName: "duration"),
        transform: DurationText.init(_:))
    var grace = DurationText(duration: .seconds(10))

    @OptionGroup var retry: RetryOptions

    @OptionGroup var color: ColorOptions

    func validate() throws {
        for name in stream {
            try NameCheck.notEmpty(name, option: "--stream")
            if name.ends(with: ".delay") {
                throw ValidationError(
                    "\(name) is a delay stream: its entries leave it by redstream delay only")
            }
            if name.ends(with: ".dead") {
                throw ValidationError("\(name) holds dead letters: redstream dead-letters purge removes them")
            }
        }
        try ShardCheck.streamIsNamed(stream, shards)
        if expiry == nil, consumers == nil, !committed {
            throw ValidationError("say what to remove: --expiry, --consumers or --committed")
        }
        if consumers != nil, committed {
            throw ValidationError("--committed stands for all --consumers: give one")
        }
        if consumers != nil, consumerNames.isEmpty { throw ValidationError("--consumers names none") }
        if interval.duration < .milliseconds(1) { throw ValidationError("--interval is at least 1ms") }
        if wait, !once { throw ValidationError("--wait goes with --once") }
    }

    var access: AccessRules? { .trim }

    var scope: AccessScope? { stream.isEmpty ? nil : AccessScope(stream, areSharded: shards != nil) }

    func run(in context: CommandContext) async throws -> ExitCode {
        let client = try connection.client(in: context)
        let isSinglePass = once || dryRun
        do {
            let presence = StreamPresence(
                client: client, place: try connection.place(in: context), names: stream, shards: shards)
            try await presence.noteMissing(
                in: context, for: isSinglePass ? retry.retryFor.duration : nil, isOver: isSinglePass)
        } catch is CancellationError where !isSinglePass && context.signals.first != nil {
            return .done
        }
        if dryRun {
            return try await pass(client, in: context) { text in try await context.show(text) }
        }
        if once {
            let reports = ChangeReports(of: "the streams were trimmed", in: context)
            let code = try await pass(client, in: context) { text in try await reports.tell([text]) }
            try reports.finish()
            return code
        }
        let reports = try ServiceReports(in: context)
        defer { reports.finish() }
        let trimmer = trimmer(client, TrimProgress(context.console), tell: { reports.tell($0) })
        _ = try await context.serve([trimmer], grace: grace.duration, watchesOutput: true)
        return .done
    }

    private func trimmer(
        _ client: StreamClient, _ progress: TrimProgress, tell: @escaping @Sendable (String) async throws -> Void
    ) -> Trimmer {
        let held = HeldStreams()
        let isSinglePass = once || dryRun
        return Trimmer(
            client, streams: stream.isEmpty ? .all : .named(streams), policy: policy, interval: interval.duration,
            report: { report in
                progress.finish()
                // A service that runs for weeks is silent where nothing happens, or goes on happening.
                guard held.isNews(report) || isSinglePass || report.removed > 0 else { return }
                let report = TrimReportText(report, isDryRun: dryRun)
                try await tell(output == .json ? report.json.text : report.text)
            },
            progress: { progress.add($0) })
    }

    /// Makes one pass, or says what it would do.
    private func pass(
        _ client: StreamClient, in context: CommandContext, tell: @escaping @Sendable (String) async throws -> Void
    ) async throws -> ExitCode {
        let (isPlan, waits, progress) = (dryRun, wait, TrimProgress(context.console))
        let trimmer = trimmer(client, progress, tell: tell)
        let reports: [TrimReport]
        do {
            reports = try await context.retrying(for: retry.retryFor.duration) {
                isPlan ? try await trimmer.plan() : try await trimmer.runOnce(waits: waits)
            }
        } catch {
            let count = progress.finish()
            if count > 0 { context.console.note("\(count.counted("entry was", "entries were")) removed before this:") }
            throw error
        }
        for report in reports {
            guard case .lockHeld(let holder)? = report.skipped else { continue }
            throw Failure(
                .lockHeld, "the trimmer of \(report.stream) is held by \(holder)",
                hint: "--wait stands by until it is free")
        }
        return .done
    }

    /// The streams that were named, in words.
    var place: String { ShardCheck.place(stream.joined(separator: ", "), shards) }

    /// The streams that were named, or their shards.
    var streams: [String] { shards.map { stream.flatMap($0.streams(of:)) } ?? stream }

    private var consumerNames: [String] {
        (consumers ?? "").unicodeScalars.split(separator: ",").map(String.init)
    }

    var policy: TrimPolicy {
        let protected: TrimPolicy.Consumers? =
            committed ? .found : consumers.map { _ in .named(consumerNames) }
        return TrimPolicy(expiry: expiry?.duration, consumers: protected)
    }
}
