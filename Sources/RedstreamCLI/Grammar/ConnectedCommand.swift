import Redstream
import RedstreamConnection

/// A subcommand that works on a server.
protocol ConnectedCommand: ToolCommand {
    /// The options for the connection to that server, and those of all such commands.
    var common: CommonOptions { get }
    /// The rights that it needs there.
    var access: AccessRules? { get }
    /// The keys for which it needs them; nil for those of all streams.
    var scope: AccessScope? { get }
    /// The consumer that must not run meanwhile, by name; nil if there is none.
    var stoppedConsumer: String? { get }
    /// The streams and consumers whose state the shell's `watch` may wait for; nil for those of the session.
    var watched: Inspector.Options? { get }
}

extension ConnectedCommand {
    var connection: ConnectionOptions { common.connection }

    var retry: RetryOptions { common.retry }

    var color: ColorOptions { common.color }

    var scope: AccessScope? { nil }

    var stoppedConsumer: String? { nil }

    var watched: Inspector.Options? { nil }

    /// Returns the facts about an error that a hint needs.
    ///
    /// The server is asked only where it has said that it is a replica, or a name was a mistake, and for two seconds at
    /// most.
    func surroundings(of error: any Error, in context: CommandContext) async -> Failure.Surroundings {
        guard let server = try? connection.configuration(in: context) else { return Failure.Surroundings() }
        var surroundings = Failure.Surroundings(
            server: server, stoppedConsumer: stoppedConsumer, place: connection.place(in: context))
        surroundings.credentials = connection.credentials(in: context)
        if let error = error as? RedisError {
            surroundings.access = AccessAdvice(
                rules: access, scope: scope, keyspace: connection.keyspace(in: context),
                user: server.username ?? "default")
            if error.isReplica { surroundings.primary = await ReplicationInfo.primary(of: server) }
        } else if let error = error as? RedstreamError, let client = try? connection.client(in: context) {
            surroundings.advice = await NameAdvice(client).onError(error)
        }
        return surroundings
    }
}
