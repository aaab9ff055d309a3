import Redstream
import RedstreamConnection

/// A process that runs the Ruby gem, as the server sees it: the same commands with the same arguments.
package struct Gem: Sendable {
    private let fixture: Fixture
    private var base: String { fixture.keys.base }

    /// The gem's payload for a record.
    package static func payload(id: Int) -> String { #"{"id":\#(id)}"# }

    init(_ fixture: Fixture) {
        self.fixture = fixture
    }

    /// Writes a message for immediate retrieval.
    @discardableResult
    package func queue(_ payload: String, on stream: String) async throws -> String {
        try await fixture.add(payload, to: "\(base):stream:\(stream)")
    }

    /// Writes a delay message.
    @discardableResult
    package func delay(_ payload: String, on stream: String) async throws -> String {
        try await fixture.add(payload, to: "\(base):stream:\(stream).delay")
    }

    /// Returns the offset of a consumer; nil if it has none.
    package func offset(of consumer: String, on stream: String) async throws -> String? {
        try await fixture.string("\(base):offset:\(stream):\(consumer)")
    }

    /// Commits, whoever holds the lock, in any direction.
    package func commit(_ id: String, of consumer: String, on stream: String) async throws {
        try await fixture.redis("SET", "\(base):offset:\(stream):\(consumer)", id)
    }

    /// One process's handle of a consumer's lock.
    package func consumerLock(_ consumer: String, on stream: String) -> Lock {
        Lock(fixture, key: "\(base):lock:consumer:\(stream):\(consumer)")
    }

    /// One process's handle of a trimmer's lock.
    package func trimmerLock(on stream: String) -> Lock {
        Lock(fixture, key: "\(base):lock:trimmer:\(stream)")
    }

    /// The gem's lock, which one process holds under a random value.
    package struct Lock: Sendable {
        /// The key that holds the holder.
        package let key: String
        /// This process's value.
        package let holder: String
        private let fixture: Fixture

        init(_ fixture: Fixture, key: String) {
            self.fixture = fixture
            self.key = key
            holder = (0..<4).map { _ in hexadecimal(UInt32.random(in: .min ... .max)) }.joined()
        }

        /// Takes the lock where it is free or its own, for five seconds.
        package func acquire() async throws -> Bool {
            let script = """
                local key, me = ARGV[1], ARGV[2]
                local holder = redis.call('get', key)
                if holder and holder ~= me then return false end
                if holder then redis.call('expire', key, 5) else redis.call('setex', key, 5, me) end
                return true
                """
            return try await fixture.redis("EVAL", script, 0, key, holder).integer == 1
        }

        /// Takes the lock for as long as a test lasts, as renewals would keep it.
        package func hold() async throws {
            try await fixture.redis("SET", key, holder, "PX", 600_000)
        }

        /// Gives the lock five more seconds, without a look at whose it is.
        package func renewBlindly() async throws {
            try await fixture.redis("EXPIRE", key, 5)
        }

        /// Gives the lock back if it is its own, and notifies in any case, for ever.
        package func release() async throws {
            let script = """
                local key, me = ARGV[1], ARGV[2]
                local notify = key .. '.notify'
                if redis.call('get', key) == me then redis.call('del', key) end
                redis.call('del', notify)
                redis.call('rpush', notify, '1')
                """
            try await fixture.redis("EVAL", script, 0, key, holder)
        }

        /// Waits for a release, as a standby does; false where none came.
        package func wait(seconds: Int) async throws -> Bool {
            let command = RedisPipeline("BRPOP", "\(key).notify", seconds)
            return try await fixture.raw.withOwnConnection(name: "tests:gem", for: nil) {
                try await !$0.executeChecked(command, blocking: .seconds(seconds))[0].isNull
            }
        }
    }
}

extension Fixture {
    /// A process that runs the Ruby gem in this namespace.
    package var gem: Gem { Gem(self) }
}

private func hexadecimal(_ number: UInt32) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
}
