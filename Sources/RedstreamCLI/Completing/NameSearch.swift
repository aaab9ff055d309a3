import Redstream
import RedstreamConnection
import RedstreamSystem
import Synchronization

/// Names of streams, consumers and keys on a server, for completion.
///
/// Streams and the consumers of one are read from the names that are kept of them, if the database is large and was scanned for
/// them before. All else is looked for by SCAN, in steps that hold the server up for about a millisecond each, on a thread of its own: a slow
/// server, or a host's name that cannot be looked up, never holds up a key. What could not be found in time is there at the
/// next Tab of the same shell.
final class NameSearch: Sendable {
    /// The names that were found.
    struct Found: Sendable {
        var names: [String] = []
        var isComplete = false
    }

    /// The server and the namespace.
    typealias Place = (server: RedisConfiguration, keys: Keyspace)

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

    /// The time for which found names are taken for true.
    private static let lifetime = Duration.seconds(3)

    private let place: @Sendable () -> Place
    /// The end of the time for an answer that is asked for now.
    private let deadline: @Sendable () -> ContinuousClock.Instant
    /// The time for which the server is searched for one answer.
    private let patience: Duration
    /// The most names that are worth showing; nil if all are to be found: then the caller chooses among them.
    private let limit: Int?
    private let state = Mutex(State())
    private let thread = WorkerThread()

    /// Prepares the searches of a shell: a Tab takes 6 ms, and shows about a screen of names.
    init(in place: @escaping @Sendable () -> Place) {
        self.place = place
        deadline = { .now.advanced(by: .milliseconds(6)) }
        patience = .seconds(1)
        limit = 300
    }

    /// Prepares to find all names within a time.
    init(in server: RedisConfiguration, _ keys: Keyspace, within time: Duration) {
        let end = ContinuousClock.now.advanced(by: time)
        place = { (server, keys) }
        deadline = { end }
        patience = time
        limit = nil
    }

    /// Returns whether a word may be meant where a text is typed.
    func mayBegin(_ word: String, with text: String) -> Bool {
        limit == nil || word.begins(with: NameText.canonical(text))
    }

    /// Streams that begin with a text.
    func streams(beginningWith text: String) -> Found {
        let keys = place().keys
        let index = NameIndex.streams(beginningWith: limit == nil ? "" : text, in: keys)
        return names(under: keys.stream(""), beginningWith: text, type: "stream", orIn: index)
    }

    /// Consumers that begin with a text: those of a stream that have an offset or hold a lock, or those of all streams.
    func consumers(of stream: String?, beginningWith text: String) -> Found {
        let keys = place().keys
        guard let stream else {
            let scan = KeyScan(matching: keys.prefix.escapedForGlob + "[ols]*")
            let found = found(by: scan, id: "consumers \(keys.base)")
            let all = Set(StreamDirectory(keys: found.keys, of: keys).consumers.map { ExactText($0.name) })
            return Found(
                names: all.sorted().map(\.text).filter { mayBegin($0, with: text) }, isComplete: found.isComplete)
        }
        let start = RedisKey(bytes: NameText.bytes(of: "\(stream):\(limit == nil ? "" : text)"))
        let pattern = keys.prefix.escapedForGlob + "[ol]*:" + start.escapedForGlob + "*"
        let prefixes = [keys.offset(.init(stream: stream, name: "")), keys.lock(.init(stream: stream, name: "")).key]
        let index = NameIndex.consumers(of: stream, beginningWith: limit == nil ? "" : text, in: keys)
        var found = names(by: KeyScan(matching: pattern, orIn: index), id: "consumers \(pattern)") { key in
            prefixes.lazy.compactMap { key.name(after: $0) }.first.flatMap { $0.ends(with: ".notify") ? nil : $0 }
        }
        // Behind the name of a stream `a`, the key of a consumer `c` of another stream `a:b` looks like that of `b:c`.
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

    private func names(
        under prefix: RedisKey, beginningWith text: String, type: String?, orIn index: NameIndex? = nil
    ) -> Found {
        let start = limit == nil ? "" : text
        let pattern = (prefix + RedisKey(bytes: NameText.bytes(of: start))).escapedForGlob + "*"
        let scan = KeyScan(matching: pattern, type: type, orIn: index)
        return names(by: scan, id: "\(type ?? "") \(pattern)") { $0.name(after: prefix) }
    }

    private func names(by scan: KeyScan, id: String, _ name: (RedisKey) -> String?) -> Found {
        let (keys, isComplete) = found(by: scan, id: id)
        return Found(
            names: Set(keys.compactMap { name($0).map(ExactText.init) }).sorted().map(\.text), isComplete: isComplete)
    }

    /// Waits for what a scan finds in time.
    private func found(by scan: KeyScan, id: String) -> (keys: Set<RedisKey>, isComplete: Bool) {
        let server = place().server
        let id = "\(state.withLock { $0.age }) \(server.address) \(server.database) \(id)"
        if start(id, scan) {
            do {
                try thread.enqueue { [self] in run(id, server) }
            } catch {
                state.withLock { $0.searches[id]?.isRunning = false }
            }
        }
        let deadline = deadline()
        while ContinuousClock.now < deadline, state.withLock({ $0.searches[id]?.isRunning == true }) { usleep(300) }
        let found = state.withLock { $0.searches[id]?.scan }
        return (found?.found ?? [], found?.isComplete ?? false)
    }

    /// Forgets what was found, since a command may have changed it.
    func forget() {
        state.withLock { state in
            state.age += 1
            // A search that runs ends at its next step.
            state.current = ""
        }
    }

    /// Marks a search as wanted.
    ///
    /// - Returns: True if it has to be started.
    private func start(_ id: String, _ scan: KeyScan) -> Bool {
        state.withLock { state in
            state.searches = state.searches.filter { $0.value.isRunning || $0.value.expires > .now }
            state.current = id
            var search = state.searches[id] ?? Search(scan: scan, expires: .now)
            guard !search.isRunning, isUnfinished(search.scan) else { return false }
            search.isRunning = true
            state.searches[id] = search
            return true
        }
    }

    private func run(_ id: String, _ server: RedisConfiguration) {
        var server = server
        server.connectTimeout = min(server.connectTimeout, patience)
        server.commandTimeout = min(server.commandTimeout, patience)
        let connection = BlockingRedisConnection(server, name: "redstream:completion")
        let deadline = ContinuousClock.now.advanced(by: patience)
        while var scan = state.withLock({ $0.current == id ? $0.searches[id]?.scan : nil }),
            isUnfinished(scan), ContinuousClock.now < deadline,
            (try? scan.step(on: connection, timeout: patience)) != nil
        {
            let next = scan
            state.withLock { $0.searches[id]?.scan = next }
        }
        state.withLock { state in
            state.searches[id]?.isRunning = false
            state.searches[id]?.expires = .now.advanced(by: Self.lifetime)
        }
    }

    private func isUnfinished(_ scan: KeyScan) -> Bool { !scan.isComplete && scan.found.count < limit ?? .max }
}
