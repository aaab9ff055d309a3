import Dispatch
import Redstream
import RedstreamConnection
import RedstreamSystem
import Synchronization

/// Asks a server which streams and consumers it has, for somebody who waits at a prompt: within a time, or not at all.
struct LiveNames: Sendable {
    private let configuration: RedisConfiguration
    private let keys: Keyspace
    private let limit: Duration

    /// Prepares to ask.
    ///
    /// - Parameters:
    ///   - configuration: The server.
    ///   - keys: The namespace.
    ///   - limit: After which time there is no answer; a shell that asks has 200 ms, and a process has to start and
    ///     to end in them too.
    init(_ configuration: RedisConfiguration, _ keys: Keyspace, limit: Duration = .milliseconds(140)) {
        var configuration = configuration
        configuration.connectTimeout = min(configuration.connectTimeout, limit)
        configuration.commandTimeout = limit
        self.configuration = configuration
        self.keys = keys
        self.limit = limit
    }

    /// Blocks until all names are found, the server fails, or the time is up.
    ///
    /// A list that lacks some would be worse than none: a shell takes the only match for the right one.
    ///
    /// Runs SCAN over the database, in steps that hold the server up for a millisecond.
    ///
    /// - Returns: The names; nil where they could not all be had in time.
    func directory() -> StreamDirectory? {
        let deadline = ContinuousClock.now.advanced(by: limit)
        let answer = Answer()
        // On a thread of its own, since looking up a host's name heeds no deadline.
        let isStarted: Void? = try? startThread {
            let names = (try? scan(until: deadline)) ?? nil
            answer.directory.withLock { $0 = names.map { StreamDirectory(keys: $0, of: keys) } }
            answer.isThere.signal()
        }
        guard isStarted != nil else { return nil }
        guard answer.isThere.wait(timeout: .now() + .milliseconds(limit.milliseconds)) == .success else { return nil }
        return answer.directory.withLock { $0 }
    }

    private func scan(until deadline: ContinuousClock.Instant) throws -> Set<RedisKey>? {
        let connection = BlockingRedisConnection(configuration, name: "redstream:completion")
        var scan = KeyScan(matching: keys.scanPattern)
        while !scan.isComplete {
            let rest = ContinuousClock.now.duration(to: deadline)
            guard rest > .zero else { return nil }
            try scan.step(on: connection, timeout: rest)
        }
        return scan.found
    }
}

/// The result that the thread leaves for the one who waits.
private final class Answer: Sendable {
    let directory = Mutex(StreamDirectory?.none)
    let isThere = DispatchSemaphore(value: 0)
}
