import Redstream
import RedstreamConnection
import Synchronization

/// The state that a shell keeps from command to command.
final class ShellSession: Sendable {
    /// The settings that commands change.
    struct State: Sendable {
        /// The server, the user and the database.
        var configuration: RedisConfiguration
        /// The prefix of all keys.
        var namespace: String?
        /// The stream that `use` named.
        var stream: String?
        /// The format that `output` named; nil leaves it to each command.
        var output: String?
        /// The encoding of strings in replies.
        var encoding = ReplyEncoding.utf8
        /// True if every command's time is shown, not only a long one's.
        var showsEveryTime = false
        /// The commands that wait for EXEC; nil outside of MULTI.
        var transaction: [[String]]?
        /// True if the connection watches keys for a transaction that is to come.
        var isWatching = false
        /// True if the server could not be reached when it was last tried.
        var isDown = false

        /// True if MULTI was sent, and neither EXEC nor DISCARD.
        var isInTransaction: Bool { transaction != nil }
    }

    private struct Held {
        var state: State
        var pool: RedisPool
    }

    private let held: Mutex<Held>

    init(_ configuration: RedisConfiguration, namespace: String?) {
        held = Mutex(
            Held(
                state: State(configuration: configuration, namespace: namespace),
                pool: RedisPool(configuration, name: "redstream:shell")))
    }

    /// The settings now.
    var state: State { held.withLock { $0.state } }

    /// The connections and the namespace that our commands use.
    var client: SessionClient {
        held.withLock { SessionClient(pool: $0.pool, namespace: $0.state.namespace) }
    }

    /// The names of the namespace's keys.
    var keys: Keyspace { Keyspace(namespace: state.namespace) }

    /// Changes settings; another server, user or database gets connections of its own.
    func update(_ change: (inout State) -> Void) {
        let retired = held.withLock { held -> RedisPool? in
            let before = held.state.configuration
            change(&held.state)
            guard held.state.configuration != before else { return nil }
            let pool = held.pool
            held.pool = RedisPool(held.state.configuration, name: "redstream:shell")
            return pool
        }
        retired?.close()
    }
}

/// The parts that the commands of a shell's session share: the connections and the namespace.
struct SessionClient: Sendable {
    let pool: RedisPool
    let namespace: String?
}

extension ShellSession.State {
    /// Takes over the settings that a command has changed on its connection, so that our commands follow.
    ///
    /// Inside MULTI nothing has changed yet: EXEC does it, in the order of its replies, and DISCARD does not.
    mutating func note(_ words: [String], _ reply: RedisReply) {
        if transaction != nil, reply.kind == .status, reply.string == "QUEUED" {
            transaction?.append(words)
            return
        }
        let isOK = reply.kind == .status && reply.string == "OK"
        switch words[0].lowercased() {
        case "multi" where isOK: transaction = []
        case "discard" where isOK:
            transaction = nil
            isWatching = false
        case "exec":
            let queued = transaction ?? []
            transaction = nil
            isWatching = false
            // Nil if a watched key has changed, an error if a command was refused: nothing was carried out.
            guard reply.kind == .array else { return }
            for (words, reply) in zip(queued, reply.elements) { apply(words, reply) }
        default: apply(words, reply)
        }
    }

    private mutating func apply(_ words: [String], _ reply: RedisReply) {
        let isOK = reply.kind == .status && reply.string == "OK"
        switch words[0].lowercased() {
        case "select" where isOK: configuration.database = words.dropFirst().first.flatMap { Int($0) } ?? 0
        case "auth" where isOK: logIn(words.count > 2 ? words[1] : nil, words.last)
        case "hello" where reply.kind == .array:
            guard let place = words.firstIndex(where: { $0.lowercased() == "auth" }), words.count > place + 2 else {
                return
            }
            logIn(words[place + 1], words[place + 2])
        case "reset" where reply.kind == .status:
            transaction = nil
            isWatching = false
            configuration.database = 0
            logIn(nil, nil)
        case "watch" where isOK: isWatching = true
        case "unwatch" where isOK: isWatching = false
        default: break
        }
    }

    /// Takes over a user and a password, in the place of those that the shell was started with.
    private mutating func logIn(_ user: String?, _ password: String?) {
        configuration.username = user
        configuration.password = password.map(Secret.init)
        configuration.passwordSource = nil
    }
}
