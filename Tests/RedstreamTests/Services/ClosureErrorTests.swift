import InMemoryLogging
import Logging
import Redstream
import RedstreamConnection
import ServiceLifecycle
import TestSupport
import Testing

/// Tests that services throw the very error that a closure of the application threw.
@Suite(.timeLimit(.minutes(3))) struct ClosureErrorTests {
    /// Errors that a service would react to if they were its own.
    enum Thrown: CaseIterable, Sendable {
        case outage
        case leaseLost
        case lockHeld
        case cancellation

        var error: any Error {
            switch self {
            case .outage: RedisError(.connectionLost, address: "elsewhere:6379", reason: "gone")
            case .leaseLost: RedstreamError.leaseLost
            case .lockHeld: RedstreamError.lockHeld(by: "somebody")
            case .cancellation: CancellationError()
            }
        }
    }

    /// Services with a closure that throws the first time; a second call ends what should have ended before.
    enum Kind: CaseIterable, Sendable {
        case reader, shardedReader, delayer, shardedDelayer, delayerFleet, trimmer
    }

    private struct CalledAgain: Error {}

    private func closure(_ thrown: Thrown, _ calls: Recorder<Bool>) -> @Sendable () throws -> Void {
        { throw calls.note(true) == 1 ? thrown.error : CalledAgain() }
    }

    private func service(_ kind: Kind, _ client: StreamClient, _ call: @escaping @Sendable () throws -> Void)
        -> any Service
    {
        let (sharding, delay) = (Sharding(count: 2), Duration.seconds(1))
        return switch kind {
        case .reader: StreamReader(client, stream: "products-1") { _ in try call() }
        case .shardedReader: ShardedReader(client, stream: "products", sharding: sharding) { _, _ in try call() }
        case .delayer: Delayer(client, stream: "products-1", delay: delay) { _ in try call() }
        case .shardedDelayer:
            ShardedDelayer(client, stream: "products", sharding: sharding, delay: delay) { _, _ in try call() }
        case .delayerFleet:
            DelayerFleet(client) { stream in Delayer(client, stream: stream, delay: delay) { _ in try call() } }
        case .trimmer:
            Trimmer(
                client, streams: .named(["products-1"]), policy: TrimPolicy(expiry: .seconds(1)),
                interval: .milliseconds(10), report: { _ in try call() })
        }
    }

    private func withClient(_ body: (StreamClient, InMemoryLogHandler) async throws -> Void) async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...3, to: fixture.keys.stream("products-1"))
            try await fixture.add(numbered: 1...3, to: fixture.keys.delayStream("products-1"))
            let logs = InMemoryLogHandler()
            let client = StreamClient(
                fixture.server.configuration, namespace: fixture.namespace, logger: Logger(label: "test") { _ in logs })
            try await body(client, logs)
        }
    }

    private func expect(
        _ thrown: Thrown, once calls: Recorder<Bool>, from run: () async throws -> Void,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async {
        let error = await #expect(throws: (any Error).self, sourceLocation: sourceLocation) { try await run() }
        #expect(error.map { "\($0)" } == "\(thrown.error)", sourceLocation: sourceLocation)
        #expect(calls.count == 1, sourceLocation: sourceLocation)
    }

    @Test(arguments: Kind.allCases, Thrown.allCases)
    func aServiceEndsWithWhatItsClosureThrew(kind: Kind, thrown: Thrown) async throws {
        try await withClient { client, logs in
            let calls = Recorder<Bool>()
            let service = service(kind, client, closure(thrown, calls))
            await expect(thrown, once: calls) { try await service.run() }
            #expect(logs.entries.map { "\($0.message)" } == [])
        }
    }

    @Test(arguments: Thrown.allCases)
    func aSinglePassEndsWithWhatItsClosureThrew(thrown: Thrown) async throws {
        try await withClient { client, _ in
            let policy = TrimPolicy(expiry: .seconds(1))
            for pass in 0..<4 {
                let calls = Recorder<Bool>()
                let call = closure(thrown, calls)
                let trimmer = Trimmer(client, streams: .named(["products-1"]), policy: policy) { _ in try call() }
                await expect(thrown, once: calls) {
                    switch pass {
                    case 0:
                        let delayer = Delayer(client, stream: "products-1", delay: .seconds(1)) { _ in try call() }
                        _ = try await delayer.runOnce()
                    case 1:
                        let consumer = Consumer(client, stream: "products-1", name: "indexer") { _ in try call() }
                        _ = try await consumer.runOnce()
                    case 2: _ = try await trimmer.plan()
                    default: _ = try await trimmer.runOnce()
                    }
                }
            }
        }
    }

    @Test(arguments: [false, true])
    func aConsumerEndsWithAnUnretryableError(isSharded: Bool) async throws {
        try await withClient { client, _ in
            let calls = Recorder<Bool>()
            let handler: Consumer.Handler = { _ in
                guard calls.note(true) == 1 else { throw UnretryableHandlerError(CalledAgain()) }
                throw UnretryableHandlerError(Thrown.outage.error)
            }
            let service: any Service =
                isSharded
                ? ShardedConsumer(
                    client, stream: "products", sharding: Sharding(count: 2), name: "indexer", handler: handler)
                : Consumer(client, stream: "products-1", name: "indexer", handler: handler)
            let error = await #expect(throws: UnretryableHandlerError.self) { try await service.run() }
            #expect((error?.underlying as? RedisError) == (Thrown.outage.error as? RedisError))
            #expect(calls.count == 1)
        }
    }

    @Test(arguments: Thrown.allCases)
    func aConsumerCountsWhatItsHandlerThrowsAsAFailure(thrown: Thrown) async throws {
        try await withClient { client, logs in
            let calls = Recorder<Bool>()
            let options = Consumer.Options(limits: .init(count: 3))
            let consumer = Consumer(client, stream: "products-1", name: "indexer", options: options) { _ in
                if calls.note(true) == 1 { throw thrown.error }
            }
            try await consumer.run()
            #expect(calls.count == 2)
            #expect(logs.entries.count == 1)
            #expect(logs.entries.first.map { "\($0.message)".contains("attempt 1 failed (3 messages") } == true)
        }
    }
}
