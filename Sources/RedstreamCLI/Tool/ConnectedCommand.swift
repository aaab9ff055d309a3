import RedisClient
import Redstream

/// A subcommand that works on a server.
protocol ConnectedCommand: ToolCommand {
    /// Where that is.
    var connection: ConnectionOptions { get }
    /// The rights that it needs there.
    var access: AccessRules? { get }
}

extension ConnectedCommand {
    /// What to know about an error of the server to say what helps.
    ///
    /// The primary is looked for only where the server has said that it is a replica, and for two seconds at most.
    func surroundings(of error: any Error, in context: CommandContext) async -> Failure.Surroundings {
        guard let error = error as? RedisError, let configuration = try? connection.configuration(in: context) else {
            return Failure.Surroundings()
        }
        var surroundings = Failure.Surroundings()
        surroundings.access = AccessAdvice(
            rules: access, keyspace: connection.keyspace(in: context), user: configuration.username ?? "default")
        if error.code == "READONLY" { surroundings.primary = await Self.primary(of: configuration) }
        return surroundings
    }

    /// Where a replica's primary is, from INFO replication; nil where it does not tell, or sentinels do.
    private static func primary(of configuration: RedisConfiguration) async -> String? {
        if case .sentinel = configuration.address { return nil }
        var configuration = configuration
        configuration.connectTimeout = min(configuration.connectTimeout, .seconds(1))
        configuration.commandTimeout = min(configuration.commandTimeout, .seconds(1))
        guard let connection = try? await RedisConnection.connect(to: configuration, name: "redstream:hint") else {
            return nil
        }
        defer { connection.close() }
        guard let info = try? await connection.call("INFO", "replication").string else { return nil }
        return ReplicationInfo.primary(in: info)
    }
}

/// What INFO replication tells.
enum ReplicationInfo {
    /// `host:port` of the primary that a replica follows; nil where the server is a primary itself.
    static func primary(in info: String) -> String? {
        var values: [Substring: Substring] = [:]
        for line in info.split(whereSeparator: \.isNewline) {
            let pair = line.split(separator: ":", maxSplits: 1)
            if pair.count == 2 { values[pair[0]] = pair[1] }
        }
        guard let host = values["master_host"], let port = values["master_port"].flatMap({ Int($0) }) else {
            return nil
        }
        return RedisConfiguration.Host(String(host), port: port).description
    }
}
