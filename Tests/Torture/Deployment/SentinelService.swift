import Redstream
import RedstreamConnection
import TestSupport

/// A primary and its replica, watched by three sentinels.
///
/// Producers wait for the replica with each batch. So what is acknowledged survives the loss of either, as long as the
/// one that has come back has caught up before the next is lost: this waits for that.
struct SentinelService: ReplicatedDeployment {
    let servers: [AppendOnlyServer]
    private let sentinels: [RedisServer]
    private static let name = "torture"
    /// For how long a server does not answer before a sentinel holds it for dead.
    static let detection = Duration.milliseconds(500)

    static func start(_ safety: Safety) async throws -> SentinelService {
        let first = try await AppendOnlyServer.start(named: "first", listensOnTCP: true, lines: safety.serverLines)
        let follow = "replicaof 127.0.0.1 \(first.server.port ?? 0)"
        let second = try await AppendOnlyServer.start(
            named: "second", listensOnTCP: true, lines: [follow] + safety.serverLines)
        let lines = [
            "sentinel monitor \(name) 127.0.0.1 \(first.server.port ?? 0) 2",
            "sentinel down-after-milliseconds \(name) \(detection.milliseconds)",
            "sentinel failover-timeout \(name) \(failoverTimeout.milliseconds)",
        ]
        var sentinels: [RedisServer] = []
        for _ in 0..<3 {
            sentinels.append(try await RedisServer.start(.init(listensOnTCP: true, isSentinel: true, lines: lines)))
        }
        let service = SentinelService(
            servers: [first, second], sentinels: sentinels, producerArguments: safety.producerArguments)
        try await service.recover()
        return service
    }

    let faults = Fault.Kind.ofProcesses + [.clientKill, .scriptFlush, .memoryFull, .failover]
    let producerArguments: [String]
    var probed: RedisConfiguration? { nil }

    private var configuration: RedisConfiguration {
        let hosts = sentinels.map { RedisConfiguration.Host("127.0.0.1", port: $0.port ?? 0) }
        var configuration = RedisConfiguration(address: .sentinel(service: Self.name, sentinels: hosts))
        configuration.connectTimeout = .seconds(1)
        configuration.commandTimeout = .seconds(2)
        return configuration
    }

    func url(through weather: Weather) throws -> String {
        let hosts = sentinels.map { "127.0.0.1:\($0.port ?? 0)" }.joined(separator: ",")
        return "redis+sentinel://\(hosts)/\(Self.name)"
    }

    func connect() async throws -> RedisConnection {
        try await RedisConnection.connect(to: configuration, name: "torture")
    }

    /// The server that the sentinels call the primary, and the other one.
    func roles() async throws -> (primary: AppendOnlyServer, replica: AppendOnlyServer) {
        try await eventually("the sentinels know a primary", within: .seconds(60)) {
            guard let connection = try? await connect() else { return nil }
            defer { connection.close() }
            let primary = servers.first { connection.address == "127.0.0.1:\($0.server.port ?? 0)" }
            guard let primary, let replica = servers.first(where: { $0.name != primary.name }) else { return nil }
            return (primary, replica)
        }
    }

    func suffer(_ fault: Fault) async throws -> History.Promotion? {
        if case .failover(let failover) = fault { return try await failOver(failover) }
        try await roles().primary.suffer(fault)
        return nil
    }

    func askToTakeOver(_ replica: AppendOnlyServer) async -> Bool {
        guard let primary = servers.first(where: { $0.name != replica.name }) else { return false }
        // If it has just taken over, another failover would undo that.
        guard (try? await sentinelsAgree(on: primary)) == true else { return false }
        return (try? await ask(to: sentinels[0], "FAILOVER")) != nil
    }

    func isPrimary(_ server: AppendOnlyServer) async throws -> Bool {
        guard let connection = try? await connect() else { return false }
        defer { connection.close() }
        return connection.address == "127.0.0.1:\(server.server.port ?? 0)"
    }

    /// Waits until one of the servers is the primary and the other its replica, with all that it has.
    func recover() async throws {
        try await eventually("the replica has caught up", within: .seconds(90)) {
            let (primary, replica) = try await roles()
            guard let connection = try? await primary.connect() else { return false }
            defer { connection.close() }
            guard let other = try? await replica.connect() else { return false }
            defer { other.close() }
            guard try await role(of: connection)?.first == "master" else { return false }
            // Sentinels would see to it, after some seconds; an operator who starts a server again says so himself.
            if try await role(of: other)?.first == "master" {
                // Not while they are about to make it one: what it has taken since would be thrown away.
                guard try await sentinelsAgree(on: primary) else { return false }
                _ = try? await other.call("REPLICAOF", "127.0.0.1", "\(primary.server.port ?? 0)")
                return false
            }
            guard try await role(of: other)?[3] == "connected" else { return false }
            let reply = try? await connection.call("WAIT", "1", "1000")
            guard let count = reply?.integer, count >= 1 else { return false }
            return try await sentinelsKnow()
        }
    }

    private func role(of connection: RedisConnection) async throws -> [String]? {
        let elements = (try? await connection.call("ROLE"))?.elements ?? []
        let words = elements.map { $0.string ?? "" }
        return words.count == 5 || words.first == "master" ? words : nil
    }

    /// Returns true if each sentinel sees the replica and the other sentinels, so that the next failover can be made.
    private func sentinelsKnow() async throws -> Bool {
        for facts in try await views() {
            guard facts["num-slaves"] == "1", facts["num-other-sentinels"] == "2", facts["flags"] == "master" else {
                return false
            }
        }
        return true
    }

    /// Returns true if each sentinel takes that server for the primary, and is about to change nothing.
    private func sentinelsAgree(on primary: AppendOnlyServer) async throws -> Bool {
        try await views().allSatisfy { $0["port"] == "\(primary.server.port ?? 0)" && $0["flags"] == "master" }
    }

    /// Returns each sentinel's view of the primary.
    private func views() async throws -> [[String: String]] {
        var views: [[String: String]] = []
        for sentinel in sentinels {
            let words = try await ask(to: sentinel, "MASTER").elements.compactMap(\.string)
            let facts = stride(from: 0, to: words.count - 1, by: 2).map { (words[$0], words[$0 + 1]) }
            views.append(Dictionary(facts) { $1 })
        }
        return views
    }

    @discardableResult
    private func ask(to sentinel: RedisServer, _ command: String) async throws -> RedisReply {
        let connection = try await RedisConnection.connect(to: sentinel.configuration, name: "torture")
        defer { connection.close() }
        return try await connection.call("SENTINEL", command, Self.name)
    }

    func stop() async throws {
        for sentinel in sentinels { await sentinel.kill() }
        for server in servers { try await server.server.stop() }
    }
}
