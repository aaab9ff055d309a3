import Logging
import Redstream
import RedstreamConnection
import RedstreamSystem

/// Shows what services say, from notices on, as lines of the tool itself; where one tells of an error that is waited out,
/// with what to do about it: nothing else would say that, since the service does not end.
struct ConsoleLogHandler: LogHandler {
    let console: Console
    /// The server that the service works on.
    let server: RedisConfiguration
    let place: Failure.Place
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .notice

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        console.note("\(event.message)")
        if let error = event.error as? RedisError { advise(on: error) }
    }

    /// Prints a hint, where one is known to help.
    ///
    /// A replica is asked for its primary first, on a thread of its own: the service goes on meanwhile.
    private func advise(on error: RedisError) {
        let surroundings = Failure.Surroundings(server: server, isWaitedOut: true, place: place)
        guard error.isReplica, !server.address.hasFailover else {
            return console.hint(Failure.hint(for: error, in: surroundings))
        }
        try? startThread { [console, server] in
            var surroundings = surroundings
            surroundings.primary = ReplicationInfo.primaryBlocking(of: server)
            console.hint(Failure.hint(for: error, in: surroundings))
        }
    }
}

/// The reply of INFO replication.
enum ReplicationInfo {
    /// Returns the address of a replica's primary; nil where it does not tell within two seconds, or others know
    /// better.
    static func primary(of server: RedisConfiguration) async -> String? {
        (try? await onThread { primaryBlocking(of: server) }) ?? nil
    }

    /// The same for a thread that may block.
    static func primaryBlocking(of server: RedisConfiguration) -> String? {
        if server.address.hasFailover { return nil }
        var server = server
        server.connectTimeout = min(server.connectTimeout, .seconds(1))
        let connection = BlockingRedisConnection(server, name: "redstream:hint")
        let question = RedisPipeline("INFO", "replication")
        let replies = try? connection.execute(question, for: nil, timeout: .seconds(2))
        return replies?.first.flatMap { primary(in: RedisInfo($0)) }
    }

    /// Returns `host:port` of the primary that a replica follows; nil if the server is a primary itself.
    static func primary(in info: RedisInfo) -> String? {
        guard let host = info["master_host"], let port = info.integer("master_port") else { return nil }
        return RedisConfiguration.Host(host, port: port).description
    }
}
