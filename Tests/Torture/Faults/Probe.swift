import RedisClient
import Redstream
import Synchronization
import TestSupport

/// Notes when the machine itself stands still, so that no process is blamed for that.
///
/// One thread only sleeps, for 5 ms at a time; one asks the server for a PONG every 10 ms. Where either takes 20 ms
/// longer than it should, the machine, or its disk, was busy with something else.
final class Probe: Sendable {
    private static let tolerance: UInt64 = 20

    private let isOver = Mutex(false)
    private let threads = [WorkerThread(), WorkerThread()]

    init(_ journal: Journal, server: RedisConfiguration?) {
        threads[0].enqueue { [self] in
            watch(journal, every: .milliseconds(5)) {}
        }
        guard let server else { return }
        threads[1].enqueue { [self] in
            let connection = BlockingRedisConnection(server, name: "torture:probe")
            watch(journal, every: .milliseconds(10)) {
                // A server that is away is another matter, and in the history anyway.
                _ = try? connection.execute(RedisPipeline("PING"), timeout: .seconds(1))
            }
        }
    }

    func stop() {
        isOver.withLock { $0 = true }
    }

    private func watch(_ journal: Journal, every interval: Duration, _ body: () -> Void) {
        while !isOver.withLock({ $0 }) {
            let start = WallClock.now
            sleepOnThread(for: interval)
            body()
            let end = WallClock.now
            guard end - start > UInt64(interval.milliseconds) + Self.tolerance else { continue }
            journal.change { $0.stalls.append(Span(start, end)) }
        }
    }
}
