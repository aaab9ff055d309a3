import RedisClient
import Redstream
import Synchronization

/// Names of streams, consumers and keys that exist, found by SCAN within a few milliseconds.
///
/// What could not be found in time is looked for in the background, so that it is there at the next Tab.
final class TabNames: Sendable {
    /// What was found.
    struct Found: Sendable {
        var names: [String] = []
        var isComplete = false
    }

    private struct Search: Sendable {
        var found = Set<String>()
        var cursor = "0"
        var isComplete = false
        var began = ContinuousClock.now
    }

    /// How long a Tab may take.
    private static let budget = Duration.milliseconds(6)
    private static let lifetime = Duration.seconds(3)
    /// The most names that are worth showing.
    private static let limit = 1000

    private let session: ShellSession
    private let searches = Mutex<[String: Search]>([:])
    private let thread = WorkerThread()

    init(_ session: ShellSession) {
        self.session = session
    }

    /// Streams that begin with a text.
    func streams(beginningWith text: String) -> Found {
        keys(under: session.keys.stream(""), beginningWith: text, type: "stream")
    }

    /// Consumers of a stream that begin with a text.
    func consumers(of stream: String, beginningWith text: String) -> Found {
        let prefix = session.keys.offset(ConsumerName(stream: stream, name: ""))
        return keys(under: prefix, beginningWith: text, type: "string")
    }

    /// Any keys that begin with a text.
    func keys(beginningWith text: String) -> Found {
        keys(under: "", beginningWith: text, type: nil)
    }

    private func keys(under prefix: String, beginningWith text: String, type: String?) -> Found {
        let pattern = Self.escaped(prefix + text) + "*"
        let state = session.state
        let id = "\(state.configuration.address) \(state.configuration.database) \(type ?? "") \(pattern)"
        var search = searches.withLock { searches in
            searches = searches.filter { $0.value.began.duration(to: .now) < Self.lifetime }
            return searches[id] ?? Search()
        }
        if !search.isComplete, search.found.count < Self.limit {
            Self.advance(&search, pattern, type, state.configuration, for: Self.budget)
            keep(search, as: id)
            if !search.isComplete, search.found.count < Self.limit {
                let unfinished = search
                thread.enqueue { [self] in
                    var search = unfinished
                    Self.advance(&search, pattern, type, state.configuration, for: .seconds(1))
                    keep(search, as: id)
                }
            }
        }
        let names = search.found.sorted().map { String($0.dropFirst(prefix.count)) }
        return Found(names: names, isComplete: search.isComplete)
    }

    private func keep(_ search: Search, as id: String) {
        searches.withLock { $0[id] = search }
    }

    private static func advance(
        _ search: inout Search, _ pattern: String, _ type: String?, _ configuration: RedisConfiguration,
        for budget: Duration
    ) {
        var configuration = configuration
        configuration.connectTimeout = min(configuration.connectTimeout, .milliseconds(100))
        let connection = BlockingRedisConnection(configuration, name: "redstream:completion")
        let deadline = ContinuousClock.now.advanced(by: budget)
        repeat {
            var words = ["SCAN", search.cursor, "MATCH", pattern, "COUNT", "500"]
            if let type { words += ["TYPE", type] }
            var pipeline = RedisPipeline()
            pipeline.append(words)
            guard let reply = try? connection.execute(pipeline, timeout: .milliseconds(100))[0],
                reply.elements.count == 2
            else { return }
            search.cursor = reply.elements[0].string ?? "0"
            search.found.formUnion(reply.elements[1].elements.compactMap(\.string))
            search.isComplete = search.cursor == "0"
        } while !search.isComplete && search.found.count < limit && ContinuousClock.now < deadline
    }

    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { escaped, character in
            if "*?[]\\".contains(character) { escaped.append("\\") }
            escaped.append(character)
        }
    }
}
