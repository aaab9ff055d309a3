import RedstreamConnection
import RedstreamSystem
import TestSupport
import Testing

@testable import Redstream

/// Callers that leave while a lock is asked for.
@Suite(.timeLimit(.minutes(3))) struct LeavingTests {
    @Test func cancelledCallerDoesNotWaitForTheServer() async throws {
        try await RedisServer.with { server in
            server.pause()
            defer { server.resume() }
            let fastest = try await fastestTry(under: .milliseconds(500)) { number in
                let client = StreamClient(server.configuration, namespace: "leaving")
                let lock = client.keys.lock(ConsumerName(stream: "s", name: "\(number)"))
                let task = Task { try await client.leases.acquire(lock) }
                let began = ContinuousClock.now
                task.cancel()
                await #expect(throws: CancellationError.self) { _ = try await task.value }
                return began.duration(to: .now)
            }
            #expect(fastest < .milliseconds(500))
        }
    }

    @Test func stoppedCallerDoesNotWaitForTheServer() async throws {
        let (listener, port) = try LoopbackSocket.listen()
        defer { close(listener) }
        let address = RedisConfiguration.Address.tcp(host: "127.0.0.1", port: port)
        let thread = WorkerThread()
        let fastest = try await fastestTry(under: .milliseconds(500)) { number in
            let client = StreamClient(RedisConfiguration(address: address), namespace: "leaving")
            let lock = client.keys.lock(ConsumerName(stream: "s", name: "\(number)"))
            let stop = StopSignal()
            return try await StopSignal.$current.withValue(stop) {
                let task = Task { try await client.leases.acquire(lock) }
                // A stop that comes before the wait begins does not end it.
                let peer = try await thread.run { accept(listener, nil, nil) }
                defer { close(peer) }
                let began = ContinuousClock.now
                stop.stop()
                let result = await task.result
                // On a busy machine the time to connect may have been up before.
                guard case .failure(let error as RedisError) = result, error.kind == .cancelled else {
                    return .seconds(1)
                }
                return began.duration(to: .now)
            }
        }
        #expect(fastest < .milliseconds(500))
    }

    @Test func lockThatIsTakenAfterThatIsGivenBack() async throws {
        try await RedisServer.with { server in
            try await withNamespace(on: server) { fixture in
                // Opens the connection.
                let first = fixture.lock(of: "first")
                if case .acquired(let lease) = try await fixture.client.leases.acquire(first) {
                    await fixture.client.leases.release(lease)
                }
                var number = 0
                try await eventually("a lock is given back") {
                    number += 1
                    let lock = fixture.lock(of: "n\(number)")
                    server.pause()
                    let task = Task { try await fixture.client.leases.acquire(lock) }
                    task.cancel()
                    let result = await task.result
                    server.resume()
                    // A server that is paused for too long is given up by the thread, too.
                    guard case .failure = result else { return false }
                    // A release wakes a standby by this list.
                    return
                        (try? await eventually(within: .milliseconds(900)) {
                            try await fixture.redis("EXISTS", lock.notifyKey).integer == 1 ? true : nil
                        }) ?? false
                }
                #expect(try await fixture.string(fixture.lock(of: "n\(number)").key) == nil)
            }
        }
    }
}
