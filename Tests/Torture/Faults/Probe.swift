import Redstream
import RedstreamConnection
import RedstreamSystem
import Synchronization
import TestSupport

/// Notes when the machine keeps processes waiting, so that none is blamed for that.
///
/// One thread only sleeps, for 5 ms at a time, and one asks the server for a PONG every 10 ms: where either takes more than
/// 2 ms longer than it should, the machine, or its disk, was busy with something else. A third one reads from the system,
/// every 25 ms, how long servers and delayers have waited for a core.
final class Probe: Sendable {
    private static let tolerance: UInt64 = 2

    private let isOver = Mutex(false)
    init(_ journal: Journal, server: RedisConfiguration?, processes: @escaping @Sendable () -> [Int32]) throws {
        try startThread { [self] in
            watch(journal, .sleeper, every: .milliseconds(5)) {}
        }
        try startThread { [self] in watch(journal, processes) }
        guard let server else { return }
        try startThread { [self] in
            let connection = BlockingRedisConnection(server, name: "torture:probe")
            watch(journal, .server, every: .milliseconds(10)) {
                // A server that is away is another matter, and in the history anyway.
                _ = try? connection.execute(RedisPipeline("PING"), for: nil, timeout: .seconds(1))
            }
        }
    }

    func stop() {
        isOver.withLock { $0 = true }
    }

    private func watch(
        _ journal: Journal, _ witness: Standstills.Witness, every interval: Duration, _ body: () -> Void
    ) {
        while !isOver.withLock({ $0 }) {
            let start = WallClock.now
            sleepOnThread(for: interval)
            body()
            let end = WallClock.now
            let late = (end - start).saturatingSubtract(UInt64(interval.milliseconds))
            guard late > Self.tolerance else { continue }
            journal.change { $0.standstills.note(Span(start, end), lost: late, by: witness) }
        }
    }

    private func watch(_ journal: Journal, _ processes: () -> [Int32]) {
        var last: [Int32: UInt64] = [:]
        var start = WallClock.now
        while !isOver.withLock({ $0 }) {
            sleepOnThread(for: .milliseconds(25))
            var now: [Int32: UInt64] = [:]
            for process in processes() { now[process] = timeWaitingForCore(of: process) }
            let waited = now.reduce(0) { $0 + $1.value.saturatingSubtract(last[$1.key] ?? $1.value) }
            let end = WallClock.now
            // Several threads wait side by side: together for no longer than the time that has passed.
            let lost = min(waited, end - start)
            if lost > 0 {
                journal.change { $0.standstills.note(Span(start, end), lost: lost, by: .cores) }
            }
            (last, start) = (now, end)
        }
    }
}
