import Redstream
import RedstreamConnection
import Synchronization
import Testing

/// Runs a test in a fresh namespace, then checks that no key outside of any test's namespace was written, and removes
/// the namespace's keys.
///
/// Only a dozen run at once: more would wait for each other on the machine's cores instead of for their facts. The
/// server is the shared one by default.
@discardableResult
package func withNamespace<Value>(
    on server: RedisServer? = nil, _ body: (Fixture) async throws -> Value
) async throws -> Value {
    try await Namespaces.places.withPlace {
        let server = if let server { server } else { try await RedisServer.shared }
        let fixture = Fixture(server: server, namespace: Namespaces.make())
        do {
            let value = try await body(fixture)
            try await fixture.checkForLeaks()
            try await fixture.remove()
            return value
        } catch {
            try? await fixture.remove()
            throw error
        }
    }
}

enum Namespaces {
    static let places = Places(count: 12)
    private static let all = Mutex<Set<String>>([])

    static func make() -> String {
        let test = Test.current?.name.prefix { $0.isLetter || $0.isNumber } ?? "test"
        let namespace = "\(test)-\(String(UInt32.random(in: .min ... .max), radix: 16))"
        all.withLock { _ = $0.insert(namespace) }
        return namespace
    }

    /// Returns true if a key is one of those that the wire contract gives to a namespace of this process.
    static func own(_ key: RedisKey) -> Bool {
        let key = key.description.unicodeScalars
        guard let colon = key.firstIndex(of: ":") else { return false }
        let isKnown = all.withLock { $0.contains(String(key[..<colon])) }
        return isKnown && key[colon...].starts(with: ":redstream:".unicodeScalars)
    }
}

extension Fixture {
    fileprivate func checkForLeaks() async throws {
        for key in try await scan() where !Namespaces.own(key) {
            Issue.record("the key \(key) was written outside of every namespace")
        }
    }

    fileprivate func remove() async throws {
        for key in try await scan() where key.bytes.starts(with: "\(namespace):".utf8) {
            try await redis("UNLINK", key)
        }
        client.pool.close()
        raw.close()
    }

    private func scan() async throws -> [RedisKey] {
        var keys: [RedisKey] = []
        var cursor = "0"
        repeat {
            let parts = try await redis("SCAN", cursor, "COUNT", 1000).elements
            cursor = parts[0].string ?? "0"
            keys += parts[1].elements.compactMap(\.key)
        } while cursor != "0"
        return keys
    }
}

/// A number of places that tests take in turn.
final class Places: Sendable {
    /// The places that are free, and the tasks that wait for one.
    @TaskLocal private static var held: Set<ObjectIdentifier> = []
    private let state: Mutex<(free: Int, waiters: [CheckedContinuation<Void, Never>])>

    init(count: Int) {
        state = Mutex((count, []))
    }

    /// Runs `body` in a place; within another, at once.
    func withPlace<Value>(_ body: () async throws -> Value) async rethrows -> Value {
        guard !Self.held.contains(ObjectIdentifier(self)) else { return try await body() }
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                if state.free > 0 {
                    state.free -= 1
                    return true
                }
                state.waiters.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
        defer { leave() }
        return try await Self.$held.withValue(Self.held.union([ObjectIdentifier(self)])) { try await body() }
    }

    private func leave() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            if !state.waiters.isEmpty { return state.waiters.removeFirst() }
            state.free += 1
            return nil
        }
        next?.resume()
    }
}
