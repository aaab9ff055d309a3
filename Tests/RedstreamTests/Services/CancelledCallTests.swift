import Redstream
import RedstreamConnection
import TestSupport
import Testing

/// Each public call that waits for the server ends with `CancellationError` when its task is cancelled.
@Suite(.timeLimit(.minutes(5))) struct CancelledCallTests {
    /// A public call, by name.
    struct Call: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// The most stages at which it is cancelled.
        let stages: Int
        let run: @Sendable (StreamClient) async throws -> Void

        init(_ name: String, stages: Int = 12, _ run: @escaping @Sendable (StreamClient) async throws -> Void) {
            (testDescription, self.stages, self.run) = (name, stages, run)
        }
    }

    private struct Product: Streamable, Identifiable {
        var id = 1
    }

    private static let name = ConsumerName(stream: "products", name: "indexer")
    private static let messages = OutgoingMessage.numbered(1...3)
    private static let sharding = Sharding(count: 2)

    private static let writes = [
        Call("Producer.queue") { try await Producer($0).queue(messages, on: "products") },
        Call("Producer.delay") { try await Producer($0).delay(messages, on: "products") },
        Call("Producer.bulk") { try await Producer($0).bulk(messages, on: "products") { throw Reached() } },
        Call("RecordProducer.queue") { try await RecordProducer(Producer($0)).queue([Product()]) },
        Call("RecordProducer.delay") { try await RecordProducer(Producer($0)).delay([Product()]) },
        Call("RecordProducer.bulk") {
            try await RecordProducer(Producer($0)).bulk([Product()]) { throw Reached() }
        },
    ]

    private static let looks = [
        Call("offset") { _ = try await $0.offset(of: name) },
        Call("readableOffset") { _ = try await $0.readableOffset(of: name) },
        Call("lastID") { _ = try await $0.lastID(of: "products") },
        Call("lastEntryID") { _ = try await $0.lastEntryID(of: "products") },
        Call("countEntries") { _ = try await $0.countEntries(in: "products", from: .zero) },
        Call("serverTime") { _ = try await $0.serverTime() },
        Call("directory") { _ = try await $0.directory() },
        Call("deadLetters") { _ = try await $0.deadLetters(of: name) },
        Call("deadLetterCount") { _ = try await $0.deadLetterCount(of: name) },
        Call("Inspector.report") { _ = try await Inspector($0).report() },
        Call("Trimmer.plan") { _ = try await trimmer($0).plan() },
        Call("withConnection") { try await $0.pool.withConnection(for: nil) { _ = try await $0.call("PING") } },
        Call("withOwnConnection") {
            try await $0.pool.withOwnConnection(name: "own", for: nil) { _ = try await $0.call("PING") }
        },
        Call("withEachPrimary") { _ = try await $0.pool.withEachPrimary { _ = try await $0.call("PING") } },
        Call("RedisConnection") {
            let connection = try await RedisConnection.connect(to: $0.pool.configuration)
            defer { connection.close() }
            try await connection.send(RedisPipeline("PING"))
            _ = try await connection.receive(1)
            _ = try await connection.execute(RedisPipeline("PING"))
            let script = RedisScript("return 1")
            try await connection.load([script])
            _ = try await connection.run(script, keys: [], arguments: [])
        },
    ]

    private static let changes = [
        Call("planSeek") { _ = try await $0.planSeek(name, to: .latest) },
        Call("seek to") { _ = try await $0.seek(name, to: .latest) },
        Call("seek as") { client in
            let plan = try await client.planSeek(name, to: .earliest)
            try await client.seek(name, as: plan)
        },
        Call("seek several") { client in
            let plan = try await client.planSeek(name, to: .earliest)
            try await client.seek([(name, plan)])
        },
        Call("forget") { _ = try await $0.forget(name) },
        Call("forget several") { try await $0.forget([name]) },
        Call("replay") { client in
            for letter in try await client.deadLetters(of: name) { _ = try await client.replay(letter, of: name) }
        },
        Call("forgetReplays") { try await $0.forgetReplays(of: name) },
        Call("purgeDeadLetters") { _ = try await $0.purgeDeadLetters([.zero], of: name) },
    ]

    private static let services = [
        Call("Consumer.run") { try await consumer($0).run() },
        Call("Consumer.runOnce") { _ = try await consumer($0).runOnce() },
        Call("StreamReader.run") { try await StreamReader($0, stream: "products") { _ in }.run() },
        Call("Delayer.run") { try await delayer($0).run() },
        Call("Delayer.runOnce") { _ = try await delayer($0).runOnce() },
        Call("DelayerFleet.run", stages: 8) { client in
            try await DelayerFleet(client) { _ in delayer(client) }.run()
        },
        Call("Trimmer.run") { try await trimmer($0).run() },
        Call("Trimmer.runOnce") { _ = try await trimmer($0).runOnce() },
        Call("ShardedConsumer.run", stages: 8) {
            try await ShardedConsumer($0, stream: "products", sharding: sharding, name: "indexer") { _ in }.run()
        },
        Call("ShardedReader.run", stages: 8) {
            try await ShardedReader($0, stream: "products", sharding: sharding) { _, _ in }.run()
        },
        Call("ShardedDelayer.run", stages: 8) {
            try await ShardedDelayer($0, stream: "products", sharding: sharding, delay: .seconds(1)).run()
        },
    ]

    private static func consumer(_ client: StreamClient) -> Consumer {
        Consumer(client, stream: "products", name: "indexer") { _ in }
    }

    private static func delayer(_ client: StreamClient) -> Delayer {
        Delayer(client, stream: "products", delay: .seconds(1))
    }

    private static func trimmer(_ client: StreamClient) -> Trimmer {
        Trimmer(
            client, streams: .named(["products"]), policy: TrimPolicy(expiry: .seconds(1), consumers: .found))
    }

    /// The change of a bulk was reached: its delay messages are written.
    private struct Reached: Error {}

    @Test(arguments: writes + looks + changes + services)
    func aCancelledCallThrowsCancellationError(call: Call) async throws {
        try await RedisServer.with { server in
            for stage in 1...call.stages {
                let isOver = try await withNamespace(on: server) { fixture in
                    try await fill(fixture)
                    return try await cancel(call, atStage: stage, fixture)
                }
                if isOver {
                    #expect(stage > 1)
                    return
                }
            }
        }
    }

    /// Passes that wait for their lock.
    private static let passes = [
        Call("Consumer.runOnce") { _ = try await consumer($0).runOnce() },
        Call("Delayer.runOnce") { _ = try await delayer($0).runOnce() },
        Call("Trimmer.runOnce") { _ = try await trimmer($0).runOnce(waits: true) },
    ]

    @Test(arguments: passes) func passOfACancelledTaskIsNoEmptyPass(call: Call) async throws {
        try await withNamespace { fixture in
            let task = Task {
                while !Task.isCancelled { await Task.yield() }
                try await call.run(fixture.client)
            }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }

    private func fill(_ fixture: Fixture) async throws {
        let keys = fixture.keys
        try await fixture.add(numbered: 1...3, to: keys.stream("products"))
        try await fixture.add(numbered: 1...3, to: keys.delayStream("products"))
        try await fixture.gem.commit("1-0", of: "indexer", on: "products")
        try await fixture.redis("HSET", keys.replays(Self.name), "1-0", "1")
        try await fixture.add(to: keys.deadLetters(Self.name))
    }

    /// Stops the server when the call sends for the nth time, cancels the call, and looks how it ends.
    ///
    /// - Returns: Whether the call ended, or had nothing more to send, before that.
    private func cancel(_ call: Call, atStage stage: Int, _ fixture: Fixture) async throws -> Bool {
        let (sent, stopped, ended) = (Recorder<String>(), Recorder<Bool>(), Recorder<Bool>())
        let proxy = try RedisProxy(fixture.server) { traffic in
            // A lock that is given back does not keep its call from having succeeded.
            guard case .commands(let text) = traffic, !text.contains("RPUSH") else { return .pass }
            if sent.note(text) == stage {
                fixture.server.pause()
                stopped.note(true)
            }
            return .pass
        }
        defer { fixture.server.resume() }
        let client = StreamClient(proxy.configuration, namespace: fixture.namespace)
        let task = Task {
            defer { ended.note(true) }
            try await call.run(client)
        }
        // A service that waits for work sends nothing for a while: that is a wait, too.
        try? await eventually("it waits", within: .milliseconds(900)) { stopped.count > 0 || ended.count > 0 }
        let isOver = stopped.count == 0
        task.cancel()
        if isOver, ended.count > 0 {
            _ = await task.result
            return true
        }
        await #expect(throws: CancellationError.self, "at \(sent.values.last ?? "")") { try await task.value }
        return isOver
    }
}
