import TestSupport
import Testing

@testable import RedstreamConnection

/// The questions to the nodes of a cluster about their slots.
@Suite(.timeLimit(.minutes(1))) struct ClusterTopologyTests {
    /// Runs a body with the topology of a cluster whose one node accepts connections but does not answer.
    private func withSilence(
        timeout: Duration, _ body: (ClusterTopology) async throws -> Void
    ) async throws {
        try await RedisServer.with(.init(listensOnTCP: true)) { server in
            var configuration = RedisConfiguration(
                address: .cluster(nodes: [.init("127.0.0.1", port: server.port ?? 0)]))
            configuration.connectTimeout = timeout
            server.pause()
            defer { server.resume() }
            try await body(try #require(ClusterTopology(configuration)))
        }
    }

    @Test func manyCallersWaitForOneRoundOfQuestions() async throws {
        try await withSilence(timeout: .seconds(2)) { topology in
            let began = ContinuousClock.now
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<20 {
                    group.addTask {
                        let target = ClusterTarget(key: "\(number)")
                        await #expect(throws: RedisError.self) { try await topology.host(for: target) }
                    }
                }
            }
            // One after the other they would have waited for 36 s.
            #expect(began.duration(to: .now) < .seconds(10))
        }
    }

    @Test func whoIsCancelledLeavesTheRound() async throws {
        try await withSilence(timeout: .seconds(30)) { topology in
            let began = ContinuousClock.now
            let waiting = Task { try await topology.primaries() }
            waiting.cancel()
            await #expect(throws: CancellationError.self) { try await waiting.value }
            #expect(began.duration(to: .now) < .seconds(10))
        }
    }

    @Test func whoHasLittleTimeForConnectingLeavesTheRound() async throws {
        try await withSilence(timeout: .seconds(30)) { topology in
            let began = ContinuousClock.now
            let error = await ConnectTimeLimit.$current.withValue(ConnectTimeLimit(.milliseconds(200))) {
                await #expect(throws: RedisError.self) { try await topology.primaries() }
            }
            #expect(error?.kind == .timedOut)
            #expect(began.duration(to: .now) < .seconds(10))
        }
    }

    @Test func whoBlocksLeavesTheRoundWhenItsTimeIsUp() async throws {
        try await withSilence(timeout: .seconds(30)) { topology in
            let began = ContinuousClock.now
            let error = #expect(throws: RedisError.self) {
                try topology.host(for: .any, by: Deadline(in: .milliseconds(200)), interrupter: Interrupter())
            }
            #expect(error?.kind == .timedOut)
            #expect(began.duration(to: .now) < .seconds(10))
        }
    }

    @Test func aSlotThatHasMovedIsKnownWithoutAsking() async throws {
        let cluster = try await RedisCluster.shared
        let topology = try #require(ClusterTopology(cluster.configuration()))
        let slot = ClusterSlot(of: "a")
        let owner = try await topology.host(for: .slot(slot))
        let other = try #require(cluster.nodes.map(RedisCluster.host).first { $0 != owner })
        topology.note(try #require(Redirection("MOVED \(slot) \(other)", from: owner)))
        #expect(topology.knownHost(for: .slot(slot)) == other)
        // The nodes are asked all the same, a little later, and know better.
        try await eventually("the truth is known") { topology.knownHost(for: .slot(slot)) == owner }
        topology.invalidate()
        #expect(topology.knownHost(for: .slot(slot)) == nil)
        #expect(try await topology.host(for: .slot(slot)) == owner)
    }
}
