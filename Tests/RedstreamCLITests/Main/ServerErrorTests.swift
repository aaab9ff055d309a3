import Foundation
import Redstream
import RedstreamConnection
import TestSupport
import Testing

@testable import RedstreamCLI

/// Servers that are there and do not do what is asked, and those that are not there in other ways than usual.
@Suite(.timeLimit(.minutes(4))) struct ServerErrorTests {
    /// Finite work of every kind that writes.
    private static let writing = [
        ["produce", "--stream", "products", "1"],
        ["consume", "--stream", "products", "--name", "indexer", "--exit-at-end", "--exec", "true"],
        ["delay", "--stream", "products", "--delay", "1ms", "--once"],
        ["seek", "--stream", "products", "--name", "indexer", "--to", "latest"],
    ]
    private static let hurry = ["--retry-for", "200ms"]

    private func fill(_ server: RedisServer) async throws {
        let connection = try await RedisConnection.connect(to: server.configuration)
        defer { connection.close() }
        for key in ["products", "products.delay"] {
            try await connection.call("XADD", "redstream:stream:\(key)", "1-0", "payload", "1")
        }
    }

    private func call(_ server: RedisServer, _ words: String...) async throws {
        let connection = try await RedisConnection.connect(to: server.configuration)
        defer { connection.close() }
        try await connection.call(words[0], words.dropFirst().map { $0 as any RedisArgument })
    }

    @Test func aReplicaTellsWhereItsPrimaryIs() async throws {
        try await RedisServer.with(.init(listensOnTCP: true)) { primary in
            try await fill(primary)
            let port = primary.port ?? 0
            let options = RedisServer.Options(
                password: ToldError.secret, users: ["few on >\(ToldError.secret) ~* &* +@all -info"],
                lines: ["replicaof 127.0.0.1 \(port)"])
            try await RedisServer.with(options) { replica in
                try await eventually("the replica has what the primary has") {
                    let connection = try await RedisConnection.connect(to: replica.configuration)
                    defer { connection.close() }
                    return try await connection.call("DBSIZE").integer == 2
                }
                for command in Self.writing {
                    try await ToldError(
                        .unreachable, ": READONLY ",
                        hint: "\(replica.socketPath) is a replica of 127.0.0.1:\(port): name that one with --url"
                    ).expect(from: command + Self.hurry, environment: ["REDSTREAM_URL": replica.url])
                    let few = "unix://few:\(ToldError.secret)@\(replica.socketPath)"
                    try await ToldError(
                        .unreachable, ": READONLY ",
                        hint: "\(replica.socketPath) is a replica: name the primary with --url"
                    ).expect(from: command + Self.hurry, environment: ["REDSTREAM_URL": few])
                }
            }
        }
    }

    @Test func aServerWithoutMemorySaysHowToMakeRoom() async throws {
        try await RedisServer.with(.init(password: ToldError.secret)) { server in
            try await fill(server)
            try await call(server, "CONFIG", "SET", "maxmemory", "1")
            for command in Self.writing {
                try await ToldError(
                    .failed, ": OOM ", hint: "the server is at its maxmemory: redstream trim makes room"
                ).expect(from: command + Self.hurry, environment: ["REDSTREAM_URL": server.url])
            }
        }
    }

    @Test func aServerThatCannotWriteItsDiskSaysSo() async throws {
        let directory = try TemporaryDirectory()
        let lines = ["dir \(directory.path)", "dbfilename taken", "save 3600 1", "stop-writes-on-bgsave-error yes"]
        try await RedisServer.with(.init(password: ToldError.secret, lines: lines)) { server in
            try await fill(server)
            // Where the snapshot is to go, there is a directory.
            try FileManager.default.createDirectory(
                atPath: "\(directory.path)/taken/full", withIntermediateDirectories: true)
            try await call(server, "BGSAVE")
            try await eventually("the snapshot has failed") {
                let connection = try await RedisConnection.connect(to: server.configuration)
                defer { connection.close() }
                let info = try await connection.call("INFO", "persistence").string ?? ""
                return info.contains("rdb_last_bgsave_status:err")
            }
            for command in Self.writing {
                try await ToldError(
                    .failed, ": MISCONF ", hint: "the server cannot write its disk: see its log"
                ).expect(from: command + Self.hurry, environment: ["REDSTREAM_URL": server.url])
            }
        }
    }

    @Test(arguments: writing + [["inspect-offsets"], ["consume", "--stream", "products", "--exit-at-end"]])
    func aServerThatTakesConnectionsAndSaysNothingIsGivenUpInTime(command: [String]) async throws {
        try await RedisServer.with(.init(password: ToldError.secret)) { server in
            server.pause()
            defer { server.resume() }
            try await ToldError(
                .unreachable,
                ": no answer from \(server.socketPath): the server accepts connections but does not answer",
                hint: "--connect-timeout is how long it may take to answer"
            ).expect(
                from: command + ["--retry-for", "0s", "--connect-timeout", "2s"],
                environment: ["REDSTREAM_URL": server.url])
        }
    }

    @Test(arguments: ["redis", "rediss"])
    func aNameThatDoesNotResolveIsSaidToBeOne(scheme: String) async throws {
        // How long the system's resolver takes is its own matter.
        try await ToldError(
            .unreachable, ": cannot connect to nobody.invalid:6379: the name of the host cannot be resolved",
            hint: "check the host's name in --url"
        ).expect(
            from: [
                "inspect-offsets", "--retry-for", "0s", "--url", "\(scheme)://:\(ToldError.secret)@nobody.invalid",
            ], within: .seconds(20))
    }

    /// A sentinel of the service `shop`.
    private func withSentinel(
        of primary: RedisServer, _ body: (_ port: Int, _ server: RedisServer) async throws -> Void
    ) async throws {
        let lines = ["sentinel monitor shop 127.0.0.1 \(primary.port ?? 0) 1"]
        try await RedisServer.with(.init(listensOnTCP: true, isSentinel: true, lines: lines)) { server in
            try await body(server.port ?? 0, server)
        }
    }

    @Test func aPasswordThatSentinelsRefuseFailsAtOnce() async throws {
        let lines = ["sentinel monitor shop 127.0.0.1 6379 1"]
        try await RedisServer.with(
            .init(listensOnTCP: true, password: "another", isSentinel: true, lines: lines)
        ) { server in
            try await ToldError(.failed, "WRONGPASS", hint: "user or password is wrong").expect(
                from: [
                    "inspect-offsets", "--url",
                    "redis+sentinel://:\(ToldError.secret)@127.0.0.1:\(server.port ?? 0)/shop",
                ])
        }
    }

    @Test func aServerThatIsNoSentinelIsToldSo() async throws {
        try await RedisServer.with(.init(listensOnTCP: true)) { server in
            // Redis 6.2 quotes the command in another way.
            try await ToldError(.failed, "unknown command", hint: "is no sentinel").expect(
                from: ["inspect-offsets", "--url", "redis+sentinel://127.0.0.1:\(server.port ?? 0)/shop"])
        }
    }

    @Test func aServiceThatNoSentinelKnowsIsNamed() async throws {
        try await RedisServer.with(.init(listensOnTCP: true)) { primary in
            try await withSentinel(of: primary) { port, _ in
                try await ToldError(
                    .unreachable, ": cannot connect to shpo@127.0.0.1:\(port): no sentinel knows a service shpo",
                    hint: "SENTINEL MASTERS lists those that a sentinel knows"
                ).expect(
                    from: [
                        "inspect-offsets", "--url",
                        "redis+sentinel://:\(ToldError.secret)@127.0.0.1:\(port)/shpo",
                    ] + Self.hurry)
            }
        }
    }

    @Test func aSilentPrimaryBehindASentinelIsGivenUpInTime() async throws {
        try await RedisServer.with(.init(listensOnTCP: true)) { primary in
            try await withSentinel(of: primary) { port, sentinel in
                let command = [
                    "inspect-offsets", "--retry-for", "0s", "--connect-timeout", "2s", "--url",
                    "redis+sentinel://127.0.0.1:\(port)/shop",
                ]
                primary.pause()
                defer { primary.resume() }
                try await ToldError(
                    .unreachable,
                    ": no answer from 127.0.0.1:\(primary.port ?? 0): the server accepts connections but does not answer",
                    hint: "--connect-timeout is how long it may take to answer"
                ).expect(from: command)
                sentinel.pause()
                defer { sentinel.resume() }
                try await ToldError(
                    .unreachable, ": no sentinel answers; ", hint: "redis-cli ping tells whether it is up"
                ).expect(from: command)
            }
        }
    }
}
