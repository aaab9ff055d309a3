import ArgumentParser
import Redstream

/// `redstream trim`: remove old or committed entries.
struct TrimCommand: ConnectedCommand {
    static let action = "cannot trim"
    static let configuration = CommandConfiguration(
        commandName: "trim",
        abstract: "Delete entries by age, or once consumers have committed them.",
        discussion: """
            Runs until it is stopped; --once makes one pass. --expiry removes older entries, read or not. --consumers \
            and --committed remove only what those consumers have committed. Together: only what satisfies both. Without \
            --stream it trims every stream of the namespace, except delay and dead-letter streams.

            --committed protects a consumer from its first start on. One of the Ruby gem, or one whose user may not write \
            the list of consumers, it protects once a scan for names has found it; in a database of more than 10,000 keys \
            scans are minutes apart. --consumers needs no scan for that.

            On a terminal it asks before entries go that a consumer has not read, and says who loses how many; --yes \
            lets it run. A script is not asked.

              # Keep a day of every stream.
              redstream trim --expiry 1d
              # Remove once what two consumers have committed.
              redstream trim --stream products --consumers indexer,cacher --once
              # Trim 16 shards by all consumers that there are.
              redstream trim --stream products --shards 16 --committed
              # Show what would go.
              redstream trim --expiry 7d --committed --dry-run
            """)

    static let exitNotes: [(code: ExitCode, meaning: String)] = [
        (.done, "done; also if a signal stops it"),
        (.failed, "the question was answered with no, or the server refused"),
        (.lockHeld, "with --once: another process trims a stream"),
    ]

    @Option(help: "Stream to trim; may be repeated.", completion: .names(.stream), transform: NameText.parsed)
    var stream: [String] = []

    @Option(shards: "Trim this many shards of each stream: <stream>-0, <stream>-1 and so on.")
    var shards: Sharding?

    @Option(duration: "Remove entries older than this, such as 1d.")
    var expiry: DurationText?

    @Option(
        help: ArgumentHelp(
            "Remove only what all of these consumers have committed, separated by commas.", valueName: "names"),
        completion: .names(.consumers), transform: NameText.parsedList)
    var consumers: [String]?

    @Flag(help: "Remove only what all consumers have committed that have an offset or hold a lock.")
    var committed = false

    @Flag(help: "Show what would be removed, and remove nothing.")
    var dryRun = false

    @Flag(help: "Make one pass, and end; exit with 75 if a lock is held.")
    var once = false

    @Flag(help: "With --once, stand by for a lock that is held.")
    var wait = false

    @Flag(help: "Do not ask before unread entries are removed.")
    var yes = false

    @Option(duration: "Time between passes (default: 30s).")
    var interval: DurationText?

    @Option(name: .shortAndLong, help: ArgumentHelp("Output format.", valueName: "format"))
    var output = ReportFormat.text

    @OptionGroup var scans: ScanOptions

    @OptionGroup var grace: GraceOptions

    @OptionGroup var common: CommonOptions

    func validate() throws {
        for name in stream {
            try NameCheck.notEmpty(name, option: "--stream")
            if name.ends(with: ".delay") {
                throw ValidationError(
                    "\(NameText.shown(name)) is a delay stream: its entries leave it by redstream delay only")
            }
            if name.ends(with: ".dead") {
                throw ValidationError(
                    "\(NameText.shown(name)) holds dead letters: redstream dead-letters purge removes them")
            }
        }
        try ShardCheck.streamIsNamed(stream, shards)
        if expiry == nil, consumers == nil, !committed {
            throw ValidationError("say what to remove: --expiry, --consumers or --committed")
        }
        if consumers != nil, committed {
            throw ValidationError("--committed stands for all --consumers: give one")
        }
        if consumers?.isEmpty == true { throw ValidationError("--consumers names none") }
        if let interval, interval.duration < .milliseconds(1) { throw ValidationError("--interval is at least 1ms") }
        if wait, !once { throw ValidationError("--wait goes with --once") }
    }

    var access: AccessRules? { .trim }

    var scope: AccessScope? { stream.isEmpty ? nil : AccessScope(stream, areSharded: shards != nil) }

    var ignoredOptions: [String] {
        let looksForNames = stream.isEmpty || committed
        guard isSinglePass else {
            return retry.ignoredByServices + (looksForNames ? [] : scans.ignored(because: "the streams are named"))
        }
        let option = dryRun ? "--dry-run" : "--once"
        var sentences = grace.ignored(by: option) + scans.ignored(because: "it looks once")
        if interval != nil { sentences.append("--interval is ignored with \(option): there is one pass") }
        if wait, dryRun { sentences.append("--wait is ignored with --dry-run: it takes no lock") }
        return sentences
    }

    private var isSinglePass: Bool { once || dryRun }

    func run(in context: CommandContext) async throws -> ExitCode {
        let client = try connection.client(in: context)
        let limit = isSinglePass ? retry.limit : nil
        do {
            let presence = StreamPresence(
                client: client, location: Location(client), names: stream, shards: shards)
            try await presence.noteMissing(in: context, for: limit, isOver: isSinglePass)
        } catch is CancellationError where !isSinglePass && context.signals.first != nil {
            return .done
        }
        guard try await mayRemoveUnread(client, in: context, for: limit) else { return .failed }
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
        let trimmer = trimmer(client, Progress(context.console, unit: "entries"), tell: { reports.tell($0) })
        _ = try await context.serve([trimmer], grace: grace.limit, watchesOutput: true)
        return .done
    }

    private func trimmer(
        _ client: StreamClient, _ progress: Progress, tell: @escaping @Sendable (String) async throws -> Void
    ) -> Trimmer {
        let held = HeldStreams()
        return Trimmer(
            client, streams: selection, policy: policy, interval: interval?.duration ?? .seconds(30),
            scanInterval: scans.interval,
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
        let (isPlan, waits, progress) = (dryRun, wait, Progress(context.console, unit: "entries"))
        let trimmer = trimmer(client, progress, tell: tell)
        let reports: [TrimReport]
        do {
            reports = try await context.retrying(client, for: retry.limit) {
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
                .lockHeld, "the trimmer of \(NameText.shown(report.stream)) is held by \(holder)",
                hint: "--wait stands by until it is free")
        }
        return .done
    }

    /// Asks on a terminal before entries go that somebody has not read; a script has said what it wants.
    private func mayRemoveUnread(
        _ client: StreamClient, in context: CommandContext, for limit: Duration?
    ) async throws -> Bool {
        guard !dryRun, !yes, context.session == nil, Confirmation.isPossible(in: context) else { return true }
        let trimmer = trimmer(client)
        let reports = try await context.retrying(client, for: limit) { try await trimmer.plan() }
        guard reports.contains(where: { $0.unread.contains { $0.value > 0 } }) else { return true }
        return try await Confirmation.isGiven(for: question(reports), isAllowed: false, in: context)
    }

    func loss(in context: CommandContext) async throws -> String? {
        guard !yes, !dryRun else { return nil }
        let reports = try await trimmer(connection.client(in: context)).plan()
        // A service may find more to remove later; a single pass does not.
        return reports.contains { $0.removed > 0 } || !once ? question(reports) : nil
    }

    /// Returns a trimmer that tells what a pass would remove.
    private func trimmer(_ client: StreamClient) -> Trimmer { Trimmer(client, streams: selection, policy: policy) }

    /// Returns the question to ask before entries go: how many, and who has not read how many of them.
    ///
    /// - Parameter reports: What a pass would remove now.
    /// - Returns: The question, without "Go on?".
    func question(_ reports: [TrimReport]) -> String {
        let removed = reports.reduce(0) { $0 + $1.removed }
        let streams = stream.isEmpty ? "every stream" : place
        var reason = "trim removes \(removed.counted("entry", "entries")) of \(streams) for good"
        let isOne = reports.count == 1
        let losses = reports.flatMap { report in
            report.unread.filter { $0.value > 0 }.sorted { $0.key < $1.key }.map { name, count in
                "\(NameText.shown(name))\(isOne ? "" : " of \(NameText.shown(report.stream))") loses \(count.grouped) unread"
            }
        }
        if !losses.isEmpty { reason += "; \(losses.joined(separator: ", "))" }
        if !once { reason += "; it goes on until it is stopped" }
        return reason
    }

    private var selection: Trimmer.Streams { stream.isEmpty ? .all : .named(streams) }

    /// The streams that were named, in words.
    private var place: String { ShardCheck.place(stream, shards) }

    /// The streams that were named, or their shards.
    var streams: [String] { stream.flatMap(shards.streams(of:)) }

    var policy: TrimPolicy {
        TrimPolicy(expiry: expiry?.duration, consumers: committed ? .found : consumers.map { .named($0) })
    }
}
