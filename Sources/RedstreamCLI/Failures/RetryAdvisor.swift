import RedstreamConnection
import RedstreamSystem

/// Says what to do about an error that a service waits out: nothing else would, since it does not end.
struct RetryAdvisor: Sendable {
    /// The server that the service works on.
    let server: RedisConfiguration
    var place = Failure.Place.commandLine

    /// Prints a hint, where one is known to help.
    ///
    /// A replica is asked for its primary first, on a thread of its own: the service goes on meanwhile.
    func advise(on error: RedisError, to console: Console) {
        let surroundings = Failure.Surroundings(server: server, isWaitedOut: true, place: place)
        guard error.isReplica, !server.address.hasFailover else {
            return console.hint(Failure.hint(for: error, in: surroundings))
        }
        try? startThread { [server] in
            var surroundings = surroundings
            surroundings.primary = ReplicationInfo.primaryBlocking(of: server)
            console.hint(Failure.hint(for: error, in: surroundings))
        }
    }
}
