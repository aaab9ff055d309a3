import Redstream
import RedstreamConnection
import RedstreamSystem
import Synchronization

/// The server's descriptions of its own commands, asked for one at a time, in the background.
///
/// Each question has a connection of its own, since a reply that is nested too deep for hiredis breaks it.
final class CommandCatalogue: Sendable {
    private struct State {
        var names: [String]?
        /// The members of each family of commands, where the server tells them.
        var families: [String: [String]] = [:]
        /// Nil where there is nothing to be had.
        var docs: [String: CommandDocs?] = [:]
        /// The names of the categories of commands.
        var categories: [String]?
        var asked: Set<String> = []
        var listener: (@Sendable () -> Void)?
    }

    private let session: ShellSession
    private let state = Mutex(State())
    private let thread = WorkerThread()

    init(_ session: ShellSession) {
        self.session = session
    }

    /// Calls back whenever more is known.
    func onNews(_ listener: @escaping @Sendable () -> Void) {
        state.withLock { $0.listener = listener }
    }

    /// Forgets everything: another server may be another version.
    func forget() {
        state.withLock { $0 = State(listener: $0.listener) }
    }

    /// The names of the server's commands, in capitals; nil while they are not known, but asked for.
    func knownNames() -> [String]? {
        if let names = state.withLock({ $0.names }) { return names }
        once("") { _ = self.fetchNames() }
        return nil
    }

    /// The members of a family such as `xinfo`, in capitals; nil for a command that is none.
    ///
    /// Redis 7.0 and newer tells them; until it has, and for an older one, there is a table.
    func family(_ name: String) -> [String]? {
        _ = knownNames()
        let families = state.withLock { $0.families }
        return families.isEmpty ? RedisContainers.subcommands[name]?.sorted() : families[name]
    }

    /// The names of the server's commands, where they are known within a few milliseconds; it blocks for so long.
    func namesSoon() -> [String]? { soon(knownNames) }

    /// Returns the known facts about a command, if they are known within a few milliseconds; it blocks for so long.
    func docsSoon(_ name: String) -> CommandDocs? { soon { knownDocs(name) } ?? nil }

    /// The names of the categories of commands, where they are known within a few milliseconds; it blocks for so long.
    func categoriesSoon() -> [String]? {
        soon {
            if let categories = state.withLock({ $0.categories }) { return categories }
            once("@") { self.fetchCategories() }
            return nil
        }
    }

    private func soon<Value>(_ value: () -> Value?) -> Value? {
        let deadline = ContinuousClock.now.advanced(by: .milliseconds(15))
        while true {
            if let value = value() { return value }
            guard ContinuousClock.now < deadline else { return nil }
            usleep(500)
        }
    }

    /// The names of the server's commands; empty where it does not tell.
    func names() async -> [String] {
        if let names = state.withLock({ $0.names }) { return names }
        return (try? await thread.run { self.fetchNames() }) ?? []
    }

    /// Returns the known facts about a command, `xinfo` or `xinfo|stream`; nil while it is being asked for.
    func knownDocs(_ name: String) -> CommandDocs?? {
        if let docs = state.withLock({ $0.docs[name] }) { return docs }
        once(name) { _ = self.fetchDocs(name) }
        return nil
    }

    /// Returns the server's description of a command; nil where there is none.
    func docs(_ name: String) async -> CommandDocs? {
        if let docs = state.withLock({ $0.docs[name] }) { return docs }
        return (try? await thread.run { self.fetchDocs(name) }) ?? nil
    }

    /// The names of the commands of a category such as `stream`; nil where there is none of that name.
    func names(in category: String) async -> [String]? {
        let names = try? await thread.run { () -> [String]? in
            guard let reply = self.ask("ACL", "CAT", category), reply.kind == .array else { return nil }
            return reply.elements.compactMap(\.string).sorted()
        }
        return names ?? nil
    }

    private func once(_ key: String, _ body: @escaping @Sendable () -> Void) {
        guard state.withLock({ $0.asked.insert(key).inserted }) else { return }
        do {
            try thread.enqueue { [self] in
                body()
                state.withLock { $0.listener }?()
            }
        } catch {
            // The next question tries again.
            state.withLock { _ = $0.asked.remove(key) }
        }
    }

    private func fetchNames() -> [String] {
        // Redis 6.2 has no COMMAND LIST.
        let list = ask("COMMAND", "LIST")?.elements.compactMap(\.string) ?? []
        let names = list.isEmpty ? ask("COMMAND")?.elements.compactMap { $0.elements.first?.string } ?? [] : list
        let sorted = names.filter { !$0.contains("|") }.map { $0.uppercased() }.sorted()
        var families: [String: [String]] = [:]
        for name in names.sorted() {
            guard let bar = name.firstIndex(of: "|"), !name.ends(with: "|help") else { continue }
            families[String(name[..<bar]).lowercased(), default: []].append(name[bar...].dropFirst().uppercased())
        }
        let found = families
        // A server that is away may tell later.
        state.withLock { state in
            if sorted.isEmpty { state.asked.remove("") } else { (state.names, state.families) = (sorted, found) }
        }
        return sorted
    }

    private func fetchDocs(_ name: String) -> CommandDocs? {
        let docs = ask("COMMAND", "DOCS", name).flatMap(CommandDocs.init)
        state.withLock { $0.docs[name] = .some(docs) }
        return docs
    }

    private func fetchCategories() {
        let names = ask("ACL", "CAT")?.elements.compactMap(\.string).sorted()
        // A server that is away may tell later.
        state.withLock { state in
            if let names { state.categories = names } else { state.asked.remove("@") }
        }
    }

    private func ask(_ words: String...) -> RedisReply? {
        var configuration = session.state.configuration
        configuration.connectTimeout = min(configuration.connectTimeout, .seconds(1))
        let connection = BlockingRedisConnection(configuration, name: "redstream:help")
        var pipeline = RedisPipeline()
        pipeline.append(words)
        let reply = try? connection.execute(pipeline, for: nil, timeout: .seconds(1))[0]
        return reply?.kind == .error ? nil : reply
    }
}

/// Commands of Redis that are families of commands, for a server that does not tell.
enum RedisContainers {
    /// The members of each family, in capitals.
    static let subcommands: [String: [String]] = [
        "xinfo": ["STREAM", "GROUPS", "CONSUMERS"],
        "xgroup": ["CREATE", "CREATECONSUMER", "DELCONSUMER", "DESTROY", "SETID"],
        "config": ["GET", "SET", "REWRITE", "RESETSTAT"],
        "client": [
            "GETNAME", "ID", "INFO", "KILL", "LIST", "NO-EVICT", "PAUSE", "SETNAME", "TRACKING", "UNBLOCK", "UNPAUSE",
        ],
        "memory": ["DOCTOR", "MALLOC-STATS", "PURGE", "STATS", "USAGE"],
        "object": ["ENCODING", "FREQ", "IDLETIME", "REFCOUNT"],
        "acl": ["CAT", "DELUSER", "GENPASS", "GETUSER", "LIST", "LOG", "SETUSER", "USERS", "WHOAMI"],
        "script": ["EXISTS", "FLUSH", "KILL", "LOAD"],
        "slowlog": ["GET", "LEN", "RESET"],
        "latency": ["DOCTOR", "GRAPH", "HISTORY", "LATEST", "RESET"],
        "command": ["COUNT", "DOCS", "GETKEYS", "INFO", "LIST"],
        "cluster": ["INFO", "KEYSLOT", "MYID", "NODES", "SHARDS", "SLOTS"],
        "pubsub": ["CHANNELS", "NUMPAT", "NUMSUB"],
    ]
}
