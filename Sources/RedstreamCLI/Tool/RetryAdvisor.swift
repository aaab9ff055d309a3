import RedisClient
import RedstreamSystem

/// Says what to do about an error that a service waits out: nothing else would, since it does not end.
struct RetryAdvisor: Sendable {
    /// The server that the service works on.
    let server: RedisConfiguration

    /// Prints a hint, where one is known to help.
    ///
    /// A replica is asked for its primary first, on a thread of its own: the service goes on meanwhile.
    func advise(on error: RedisError, to console: Console) {
        let server = server
        guard error.code == "READONLY", !server.address.isOfSeveral else {
            return console.hint(Failure.hint(for: error, in: .init(server: server, isWaitedOut: true)))
        }
        try? startThread {
            let primary = ReplicationInfo.primaryBlocking(of: server)
            console.hint(Failure.hint(for: error, in: .init(primary: primary, server: server, isWaitedOut: true)))
        }
    }
}
