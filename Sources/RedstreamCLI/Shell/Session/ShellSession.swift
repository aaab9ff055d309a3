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
