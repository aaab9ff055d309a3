import Dispatch
import TestSupport
import Testing

@testable import RedstreamConnection

/// Opening a connection ends at once when it is cancelled or stopped, wherever it waits.
@Suite(.timeLimit(.minutes(3))) struct ConnectCancellationTests {
    /// A server that holds up whoever connects, and what keeps it alive.
    struct Obstacle: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let make: @Sendable () throws -> (RedisConfiguration, any Sendable)
    }

    static let obstacles = [
        Obstacle(testDescription: "the name is not resolved") {
            let answer = DispatchSemaphore(value: 0)
            var configuration = RedisConfiguration(address: .tcp(host: "slow", port: 1))
            configuration.resolver = HostResolver("slow \(ObjectIdentifier(answer))") { _, _ in
                answer.wait()
                return .failure(.init("late"))
            }
            return (configuration, Release { answer.signal() })
        },
        Obstacle(testDescription: "the port is silent") {
            let port = try SilentPort()
            return (RedisConfiguration(address: .tcp(host: "127.0.0.1", port: port.port)), port)
        },
        Obstacle(testDescription: "the server says nothing") {
            let server = try FakeServer { peer in while !peer.read().isEmpty {} }
            return (server.configuration, server)
        },
        Obstacle(testDescription: "TLS gets no answer") {
            let server = try FakeServer.onPort { peer in while !peer.read().isEmpty {} }
            var configuration = server.configuration
            configuration.tls = .init()
            return (configuration, server)
        },
        Obstacle(testDescription: "TLS gets no connection") {
            let port = try SilentPort()
            return (RedisConfiguration(address: .tcp(host: "127.0.0.1", port: port.port), tls: .init()), port)
        },
        Obstacle(testDescription: "the sentinels say nothing") {
            let server = try FakeServer.onPort { peer in while !peer.read().isEmpty {} }
            let hosts = [RedisConfiguration.Host("127.0.0.1", port: server.port)]
            return (RedisConfiguration(address: .sentinel(service: "s", sentinels: hosts)), server)
        },
        Obstacle(testDescription: "the cluster says nothing") {
            let server = try FakeServer.onPort { peer in while !peer.read().isEmpty {} }
            let hosts = [RedisConfiguration.Host("127.0.0.1", port: server.port)]
            return (RedisConfiguration(address: .cluster(nodes: hosts)), server)
        },
        Obstacle(testDescription: "the password is not read") {
            let answer = DispatchSemaphore(value: 0)
            let server = try FakeServer { peer in while !peer.read().isEmpty {} }
            var configuration = server.configuration
            configuration.passwordSource = PasswordSource("slow") {
                answer.wait()
                return Secret("late")
            }
            return (configuration, (server, Release { answer.signal() }))
        },
    ]

    /// Ends what a test has left waiting.
    private final class Release: Sendable {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) {
            self.body = body
        }

        deinit {
            body()
        }
    }

    /// Connects in all ways, and measures how long that goes on after `end`.
    private func time(
        _ obstacle: Obstacle, _ connect: @escaping @Sendable (RedisConfiguration) async throws -> Void,
        _ end: (Task<Void, any Error>) -> Void
    ) async throws -> (Duration, any Error) {
        var (configuration, server) = try obstacle.make()
        configuration.connectTimeout = .seconds(10)
        let known = configuration
        let executor = WatchedExecutor()
        let task = Task(executorPreference: executor) { try await connect(known) }
        try await executor.untilQuiet()
        let began = ContinuousClock.now
        end(task)
        let error = await #expect(throws: (any Error).self) { try await task.value }
        let time = began.duration(to: .now)
        withExtendedLifetime(server) {}
        return (time, try #require(error))
    }

    /// Expects that cancelling ends work at once that an obstacle holds up.
    private func expectCancelled(
        _ obstacle: Obstacle, _ work: @escaping @Sendable (RedisConfiguration) async throws -> Void
    ) async throws {
        let fastest = try await fastestTry(under: .milliseconds(200)) { _ in
            let (time, error) = try await time(obstacle, work) { $0.cancel() }
            #expect(error is CancellationError)
            return time
        }
        #expect(fastest < .milliseconds(200))
    }

    @Test(arguments: obstacles) func cancellingEndsConnecting(_ obstacle: Obstacle) async throws {
        try await expectCancelled(obstacle) { _ = try await RedisConnection.connect(to: $0) }
    }

    @Test(arguments: obstacles) func cancellingEndsBorrowingFromThePool(_ obstacle: Obstacle) async throws {
        try await expectCancelled(obstacle) {
            let pool = RedisPool($0)
            defer { pool.close() }
            try await pool.withConnection(for: "key") { _ in }
        }
    }

    @Test(arguments: obstacles) func stoppingEndsConnecting(_ obstacle: Obstacle) async throws {
        let fastest = try await fastestTry(under: .milliseconds(200)) { _ in
            let stop = StopSignal()
            let (time, error) = try await time(obstacle) { configuration in
                try await StopSignal.$current.withValue(stop) {
                    let pool = RedisPool(configuration)
                    defer { pool.close() }
                    try await pool.withOwnConnection(name: "tests", for: "key") { _ in }
                }
            } _: { _ in
                stop.stop()
            }
            // A stop that comes before the wait begins does not end it.
            return (error as? RedisError)?.kind == .cancelled ? time : .seconds(10)
        }
        #expect(fastest < .milliseconds(200))
    }

    @Test func connectionsOpenedAfterTheStopAreLeftAlone() async throws {
        try await RedisServer.with { server in
            let stop = StopSignal()
            stop.stop()
            try await StopSignal.$current.withValue(stop) {
                let connection = try await RedisConnection.connect(to: server.configuration)
                #expect(try await connection.call("PING").string == "PONG")
                connection.close()
            }
        }
    }

    @Test func slowLookupIsLeftBehindAndShared() async throws {
        let answer = DispatchSemaphore(value: 0)
        let lookups = Recorder<String>()
        var configuration = RedisConfiguration(
            address: .tcp(host: "slow", port: 1), connectTimeout: .milliseconds(50))
        configuration.resolver = HostResolver("\(ObjectIdentifier(answer))") { host, _ in
            lookups.note(host)
            answer.wait()
            return .failure(.init("unknown"))
        }
        for _ in 0..<3 {
            let error = await #expect(throws: RedisError.self) {
                _ = try await RedisConnection.connect(to: configuration)
            }
            #expect(error?.kind == .connectFailed)
            #expect(error?.reason == "the name of the host cannot be resolved: Connection timed out")
        }
        #expect(lookups.values == ["slow"])
        answer.signal()
        configuration.connectTimeout = .seconds(20)
        answer.signal()
        let error = await #expect(throws: RedisError.self) { _ = try await RedisConnection.connect(to: configuration) }
        #expect(error?.reason == "the name of the host cannot be resolved: unknown")
    }
}
