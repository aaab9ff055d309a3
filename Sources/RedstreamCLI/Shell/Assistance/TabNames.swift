import Redstream
import RedstreamConnection
import RedstreamSystem
import Synchronization

/// Names of streams, consumers and keys that exist, for a Tab.
///
/// They are looked for on a thread of its own, so that a slow server never holds up a key. A Tab waits for a few
/// milliseconds; what could not be found in them is there at the next Tab.
final class TabNames: Sendable {
    /// The names that were found.
    struct Found: Sendable {
        var names: [String] = []
        var isComplete = false
    }

    private struct Search: Sendable {
        var scan: KeyScan
        var expires: ContinuousClock.Instant
        var isRunning = false
    }

    private struct State: Sendable {
        var searches: [String: Search] = [:]
        /// Grows whenever what was found is forgotten.
        var age = 0
        /// The one that somebody waits for: others make way.
        var current = ""
    }

    /// The time that a Tab may take.
    private static let budget = Duration.milliseconds(6)
    /// The time for which found names are taken for true.
    private static let lifetime = Duration.seconds(3)
    /// The time for which the server is searched for one Tab.
    private static let patience = Duration.seconds(1)
    /// The most names that are worth showing: about a screen of them.
    private static let limit = 300

    private let session: ShellSession
    private let state = Mutex(State())
    private let thread = WorkerThread()

    init(_ session: ShellSession) {
        self.session = session
    }

    /// Streams that begin with a text.
    func streams(beginningWith text: String) -> Found {
        names(under: session.keys.stream(""), beginningWith: text, type: "stream")
    }

    /// Consumers of a stream that begin with a text.
    ///
    /// Behind the name of a stream `a`, the key of a consumer `c` of another stream `a:b` looks like that of a
    /// consumer `b:c`: such names are left out.
    func consumers(of stream: String, beginningWith text: String) -> Found {
        let prefix = session.keys.offset(ConsumerName(stream: stream, name: ""))
        var found = names(under: prefix, beginningWith: text, type: "string")
        if found.names.contains(where: { $0.unicodeScalars.contains(":") }) {
            let longer = streams(beginningWith: "\(stream):").names.map { "\($0):" }
            found.names.removeAll { name in longer.contains { "\(stream):\(name)".begins(with: $0) } }
        }
        return found
    }

    /// Namespaces that begin with a text: those that streams are in.
    func namespaces(beginningWith text: String) -> Found {
        let start = RedisKey(bytes: NameText.bytes(of: text))
        let pattern = start.escapedForGlob + "*:" + Keyspace().stream("").escapedForGlob + "*"
        let scan = KeyScan(matching: pattern, type: "stream") { key in
            Keyspace.namespace(ofStreamKey: key).map { RedisKey(bytes: NameText.bytes(of: $0)) }
        }
        return names(by: scan, id: "namespaces \(pattern)") { NameText.text(ofBytes: $0.bytes) }
    }

    /// Any keys that begin with a text.
    func keys(beginningWith text: String) -> Found {
        names(under: "", beginningWith: text, type: nil)
    }

    private func names(under prefix: RedisKey, beginningWith text: String, type: String?) -> Found {
        let pattern = (prefix + RedisKey(bytes: NameText.bytes(of: text))).escapedForGlob + "*"
        let scan = KeyScan(matching: pattern, type: type)
        return names(by: scan, id: "\(type ?? "") \(pattern)") { $0.name(after: prefix) }
    }

    private func names(by scan: KeyScan, id: String, _ name: (RedisKey) -> String?) -> Found {
        let settings = session.state.configuration
        let id = "\(state.withLock { $0.age }) \(settings.address) \(settings.database) \(id)"
        if start(id, scan) {
            do {
                try thread.enqueue { [self] in run(id, settings) }
            } catch {
                state.withLock { $0.searches[id]?.isRunning = false }
            }
        }
        let deadline = ContinuousClock.now.advanced(by: Self.budget)
        while ContinuousClock.now < deadline, state.withLock({ $0.searches[id]?.isRunning == true }) { usleep(300) }
        guard let scan = state.withLock({ $0.searches[id]?.scan }) else { return Found() }
        return Found(
            names: scan.found.compactMap { name($0).map(ExactText.init) }.sorted().map(\.text),
            isComplete: scan.isComplete)
    }

    /// Forgets what was found, since a command may have changed it.
    func forget() {
        state.withLock { state in
            state.age += 1
            // A search that runs ends at its next step.
            state.current = ""
        }
    }

    /// Notes that a search is wanted; whether there is something left to do that nobody does.
    private func start(_ id: String, _ scan: KeyScan) -> Bool {
        state.withLock { state in
            state.searches = state.searches.filter { $0.value.isRunning || $0.value.expires > .now }
            state.current = id
            var search = state.searches[id] ?? Search(scan: scan, expires: .now)
            guard !search.isRunning, Self.isUnfinished(search.scan) else { return false }
            search.isRunning = true
            state.searches[id] = search
            return true
        }
    }

    private func run(_ id: String, _ settings: RedisConfiguration) {
        var configuration = settings
        configuration.connectTimeout = min(configuration.connectTimeout, Self.patience)
        let connection = BlockingRedisConnection(configuration, name: "redstream:completion")
        let deadline = ContinuousClock.now.advanced(by: Self.patience)
        while var scan = state.withLock({ $0.current == id ? $0.searches[id]?.scan : nil }),
            Self.isUnfinished(scan), ContinuousClock.now < deadline,
            (try? scan.step(on: connection, timeout: Self.patience)) != nil
        {
            let next = scan
            state.withLock { $0.searches[id]?.scan = next }
        }
        state.withLock { state in
            state.searches[id]?.isRunning = false
            state.searches[id]?.expires = .now.advanced(by: Self.lifetime)
        }
    }

    private static func isUnfinished(_ scan: KeyScan) -> Bool { !scan.isComplete && scan.found.count < limit }
}
