import ArgumentParser
import Redstream
import RedstreamConnection
import ServiceLifecycle
import Synchronization

/// `redstream delay`: move due entries of delay streams to their streams.
struct DelayCommand: ConnectedCommand {
    static let action = "cannot move delay messages"
    static let configuration = CommandConfiguration(
        commandName: "delay",
        abstract: "Run the delayer: move delay messages to their streams when due.",
        discussion: """
            Runs until it is stopped; --once moves what is due now. The delay must be longer than the longest database \
            transaction. Without --stream it serves every delay stream of the namespace, including new ones.

              # Serve one stream; the same for all streams, once.
              redstream delay --stream products --delay 5m
              redstream delay --delay 5m --once
              # Serve 16 shards, at most 8 of them in this process.
              redstream delay --stream products --shards 16 --max-active 8 --delay 5m
            """)

    static let exitNotes: [(code: ExitCode, meaning: String)] = [
        (.done, "done; also if a signal stops it"),
        (.lockHeld, "with --once: another process holds a lock"),
    ]

    @Option(
        help: "Stream whose delay stream to serve; may be repeated.", completion: .names(.stream),
        transform: NameText.parsed)
    var stream: [String] = []

    @Option(
        help: ArgumentHelp("How old an entry must be, such as 5m.", valueName: "duration"),
        transform: DurationText.init(_:))
    var delay: DurationText

    @Option(shards: "Serve this many shards of each stream: <stream>-0, <stream>-1 and so on.")
    var shards: Sharding?

    @Option(number: "With --shards, hold at most this many, and leave the rest to other processes.")
    var maxActive: Int?

    @Flag(help: "Move what is due now, and end; exit with 75 if the lock is held.")
    var once = false

    @Flag(help: "With --once, stand by for a lock that is held.")
    var wait = false

    @Option(name: .shortAndLong, help: ArgumentHelp("Output format.", valueName: "format"))
    var output = ReportFormat.text

    @OptionGroup var scans: ScanOptions

    @OptionGroup var grace: GraceOptions

    @OptionGroup var common: CommonOptions

    func validate() throws {
        for name in stream { try NameCheck.notEmpty(name, option: "--stream") }
        try ShardCheck.streamIsNamed(stream, shards)
        try ShardCheck.maxActive(maxActive, shards)
        if maxActive != nil, once { throw ValidationError("--once serves one after the other: leave out --max-active") }
        if wait, !once {
            throw ValidationError("--wait goes with --once; without it, delay stands by anyway")
        }
    }

    var ignoredOptions: [String] {
        let reason = once ? "it looks once" : "the streams are named"
        let scans = stream.isEmpty && !once ? [] : scans.ignored(because: reason)
        return scans + (once ? grace.ignored(by: "--once") : retry.ignoredByServices)
    }

    var access: AccessRules? { .delay }

    var scope: AccessScope? {
        stream.isEmpty
            ? nil
            : AccessScope(
                stream, areSharded: shards != nil, suffixes: ["", ".delay"], touchesDelayers: true)
    }

    func run(in context: CommandContext) async throws -> ExitCode {
        let client = try connection.client(in: context)
        do {
            let presence = StreamPresence(
                client: client, location: Location(client), names: stream, shards: shards,
                countsDelayStreams: true)
            try await presence.noteMissing(in: context, for: once ? retry.limit : nil, isOver: once)
        } catch is CancellationError where !once && context.signals.first != nil {
            return .done
        }
        if once { return try await moveOnce(client, in: context) }
        let reports = try ServiceReports(in: context)
        defer { reports.finish() }
        let make: @Sendable (String) -> Delayer = { stream in
            Delayer(client, stream: stream, delay: delay.duration) { moved in
                reports.tell(report(moved.count, moved.lastID, stream: stream))
            }
        }
        let services: [any Service] =
            if stream.isEmpty {
                [DelayerFleet(client, scanInterval: scans.interval, makeDelayer: make)]
            } else if shards != nil {
                [
                    ShardedDelayer(
                        client, title: stream.joined(separator: ", "), delayers: streams.map(make),
                        maximumActive: maxActive)
                ]
            } else {
                stream.map(make)
            }
        _ = try await context.serve(services, grace: grace.limit, watchesOutput: true)
        return .done
    }

    private func moveOnce(_ client: StreamClient, in context: CommandContext) async throws -> ExitCode {
        let streams = streams
        let names = try await context.retrying(client, for: retry.limit) {
            streams.isEmpty ? try await client.delayedStreams() : streams
        }
        let reports = ChangeReports(of: "what was due was moved", in: context)
        var held: Failure?
        for name in names {
            // Over all tries.
            let tally = Mutex((count: 0, last: StreamID?.none))
            let delayer = Delayer(client, stream: name, delay: delay.duration, standsBy: wait) { moved in
                tally.withLock { $0 = ($0.count + moved.count, moved.lastID) }
            }
            do {
                try await context.retrying(client, for: retry.limit) { _ = try await delayer.runOnce() }
                let (count, last) = tally.withLock { $0 }
                try await reports.tell([report(count, last, stream: name)])
            } catch RedstreamError.lockHeld(let holder) {
                // The other streams are served all the same.
                if let held { context.console.fail(held) }
                held = Failure(
                    .lockHeld, "the delayer of \(NameText.shown(name)) is held by \(holder)",
                    hint: "--wait stands by until it is free")
            } catch {
                // What was moved by then is moved.
                let (count, last) = tally.withLock { $0 }
                if count > 0 { context.console.say(report(count, last, stream: name)) }
                throw error
            }
        }
        if let held { throw held }
        try reports.finish()
        return .done
    }

    /// The streams that were named, or their shards.
    private var streams: [String] { stream.flatMap(shards.streams(of:)) }

    private func report(_ count: Int, _ last: StreamID?, stream: String) -> String {
        switch output {
        case .json:
            JSONValue.object([
                ("stream", .string(stream)), ("moved", .integer(count)),
                ("last_id", .optional(last)),
            ]).text
        case .text:
            "moved \(count.grouped) to \(NameText.shown(stream))" + (last.map { ", up to \($0)" } ?? "")
        }
    }
}
