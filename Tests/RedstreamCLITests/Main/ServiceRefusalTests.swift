import Redstream
import RedstreamConnection
import RedstreamSystem
import TestSupport
import Testing

@testable import RedstreamCLI

/// Services whose server is there and refuses: they wait, and say once why, until when, and what to do.
@Suite(.timeLimit(.minutes(3))) struct ServiceRefusalTests {
    private static let services = [
        ["consume", "--stream", "products", "--name", "indexer", "--exec", "cat >/dev/null"],
        ["delay", "--stream", "products", "--delay", "1ms"],
    ]

    private func withServer(
        _ options: RedisServer.Options = .init(), _ body: (RedisServer, RedisConnection) async throws -> Void
    ) async throws {
        try await RedisServer.with(options) { server in
            let connection = try await RedisConnection.connect(to: server.configuration)
            defer { connection.close() }
            for key in ["products", "products.delay"] {
                try await connection.call("XADD", "redstream:stream:\(key)", "1-0", "payload", "1")
            }
            try await body(server, connection)
        }
    }

    @Test(arguments: services)
    func aFullServerIsWaitedForAndTrimIsNamed(command: [String]) async throws {
        try await withServer { server, connection in
            try await connection.call("CONFIG", "SET", "maxmemory", "1")
            let tool = try ToolProcess(command, environment: ["REDSTREAM_URL": server.url])
            try await tool.waitForErrors(containing: "hint: ")
            #expect(
                tool.errorsSoFar.contains(
                    "; trying until it takes writes\nhint: the server is at its maxmemory: redstream trim makes room\n"),
                "\(tool.errorsSoFar)")
            try await connection.call("CONFIG", "SET", "maxmemory", "0")
            try await tool.waitForErrors(containing: "redstream: the server takes writes after ")
            tool.signal(SIGTERM)
            let result = try await tool.result()
            result.expect(.done)
            #expect(result.errors.count(of: "; trying until ") == 1, "\(result.errors)")
            #expect(result.errors.count(of: "hint: ") == 1, "\(result.errors)")
            #expect(!result.errors.contains("is back"), "\(result.errors)")
        }
    }

    @Test(arguments: services)
    func aReplicaIsWaitedForAndItsPrimaryIsNamed(command: [String]) async throws {
        try await withServer(.init(listensOnTCP: true)) { primary, _ in
            let port = primary.port ?? 0
            try await RedisServer.with(.init(lines: ["replicaof 127.0.0.1 \(port)"])) { replica in
                let connection = try await RedisConnection.connect(to: replica.configuration)
                defer { connection.close() }
                try await eventually("the replica has what the primary has") {
                    try await connection.call("DBSIZE").integer == 2
                }
                let tool = try ToolProcess(command, environment: ["REDSTREAM_URL": replica.url])
                try await tool.waitForErrors(containing: "; trying until it takes writes\n")
                try await tool.waitForErrors(
                    containing:
                        "hint: \(replica.socketPath) is a replica of 127.0.0.1:\(port): name that one with --url\n")
                try await connection.call("REPLICAOF", "NO", "ONE")
                try await tool.waitForErrors(containing: "redstream: the server takes writes after ")
                tool.signal(SIGTERM)
                try await tool.result().expect(.done)
            }
        }
    }

    @Test func aServerThatIsAwayAtFirstIsWaitedForWithAHint() async throws {
        let tool = try ToolProcess(
            ["consume", "--stream", "products", "--url", "unix:///nonexistent/redis"])
        try await tool.waitForErrors(containing: "; trying until it is back\nhint: name the server with --url ")
        tool.signal(SIGTERM)
        try await tool.result().expect(.done)
    }

    @Test(arguments: services + [["consume", "--stream", "products"], ["trim", "--expiry", "1d"]])
    func aStopInAnOutageDoesNotSayThatTheServerIsBack(command: [String]) async throws {
        try await withServer { server, _ in
            let tool = try ToolProcess(
                command + (command[0] == "trim" ? ["--interval", "1ms"] : []),
                environment: ["REDSTREAM_URL": server.url])
            try await eventually("it works") { try await isNamed(tool, by: server) }
            await server.kill()
            try await tool.waitForErrors(containing: "; trying until it is back\n")
            tool.signal(SIGTERM)
            let result = try await tool.result()
            result.expect(.done)
            #expect(!result.errors.contains(" after "), "\(result.errors)")
        }
    }

    /// True if the service has a connection of its own.
    private func isNamed(_ tool: ToolProcess, by server: RedisServer) async throws -> Bool {
        let connection = try await RedisConnection.connect(to: server.configuration, name: "test")
        defer { connection.close() }
        return try await connection.call("CLIENT", "LIST").string?.contains("name=redstream") == true
    }

    @Test func theWatchSaysWhatToDoToo() async throws {
        let tool = try ToolProcess(["inspect-offsets", "--watch", "--url", "unix:///nonexistent/redis"])
        try await tool.waitForErrors(containing: "; trying until it is back\nhint: name the server with --url ")
        tool.signal(SIGTERM)
        try await tool.result().expect(.done)
    }

    @Test func aServerWithoutAPlaceForAClientIsSaidToHaveNone() async throws {
        try await withServer { server, connection in
            let others = try await RedisConnection.connect(to: server.configuration)
            defer { others.close() }
            try await connection.call("CONFIG", "SET", "maxclients", "1")
            try await ToldError(
                .unreachable, ": ERR max number of clients reached", hint: "CONFIG SET maxclients lets more in"
            ).expect(
                from: ["inspect-offsets", "--retry-for", "200ms"], environment: ["REDSTREAM_URL": server.url])
            let tool = try ToolProcess(
                ["consume", "--stream", "products"], environment: ["REDSTREAM_URL": server.url])
            try await tool.waitForErrors(containing: "; trying until it takes more clients\nhint: CLIENT LIST ")
            try await connection.call("CONFIG", "SET", "maxclients", "100")
            try await tool.waitForErrors(containing: "the server takes more clients after ")
            tool.signal(SIGTERM)
            try await tool.result().expect(.done)
        }
    }
}
