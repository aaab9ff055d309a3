import RedstreamConnection
import TestSupport
import Testing

@testable import Redstream

/// The renewal of many leases of one client.
@Suite(.timeLimit(.minutes(3))) struct LeaseRenewalTests {
    @Test func fiftyLeasesAreRenewedInFewRoundTrips() async throws {
        try await RedisServer.with { server in
            try await withNamespace(on: server) { fixture in
                var leases: [Lease] = []
                for number in 1...50 { leases.append(try await acquired(fixture.lock(of: "\(number)"), on: fixture)) }
                // The first renewals may still come one after the other, as the locks were taken.
                try await renewed(leases)
                let before = try await reads(of: fixture)
                try await renewed(leases)
                let count = try await reads(of: fixture) - before
                // A pipeline of fifty takes two reads of the server, and the question two.
                #expect(count < 25)
                for lease in leases { await fixture.client.leases.release(lease) }
            }
        }
    }

    @Test func brokenPipelineIsRenewedInHalves() async throws {
        try await RedisCluster.with { cluster in
            let client = StreamClient(cluster.configuration())
            var leases: [Lease] = []
            for number in 1...100 {
                let lock = client.keys.lock(.delayer(of: "{products}-\(number)"))
                guard case .acquired(let lease) = try await client.leases.acquire(lock) else { continue }
                leases.append(lease)
            }
            let node = try await cluster.owner(of: leases[0].lock.key)
            try await renewed(leases)
            // The node takes the renewals, and its connection breaks before it has answered.
            try await cluster.call(node, "CLIENT", "PAUSE", 60_000, "WRITE")
            let stuck = try await eventually("the renewals wait") {
                let clients = try await cluster.call(node, "CLIENT", "LIST").string ?? ""
                return clients.split(separator: "\n").first {
                    $0.contains(" name=redstream:leases ") && $0.contains(" flags=b ")
                }
            }
            let id = try #require(stuck.split(separator: " ").first?.dropFirst(3))
            try await cluster.call(node, "CLIENT", "KILL", "ID", String(id))
            try await cluster.call(node, "CLIENT", "UNPAUSE")
            let before = try await reads(at: node, of: cluster)
            try await renewed(leases)
            let reads = try await reads(at: node, of: cluster) - before
            #expect(reads < 60)
            for lease in leases { await client.leases.release(lease) }
        }
    }

    /// Returns the number of times that a node has read from its clients.
    private func reads(at node: RedisServer, of cluster: RedisCluster) async throws -> Int {
        RedisInfo(try await cluster.call(node, "INFO", "stats")).integer("total_reads_processed") ?? 0
    }

    @Test func costOfALeaseDoesNotGrowWithTheirNumber() {
        let renewer = LeaseRenewer(RedisPool(RedisConfiguration()))
        func time(for count: Int) -> Duration {
            let leases = (0..<count).map { number in
                let lock = Keyspace().lock(ConsumerName(stream: "products", name: "\(number)"))
                return Lease(lock: lock, holder: "", validUntil: .now.advanced(by: .seconds(60)))
            }
            var state = LeaseManager.State()
            return ContinuousClock().measure {
                for lease in leases { state.note(LeaseManager.Holding(lease: lease, renewer: renewer)) }
            }
        }
        // Twice as many take twice as long; four times as long if each lease costs a look at all.
        #expect((0..<5).contains { _ in time(for: 4_000) < time(for: 2_000) * 3 })
    }

    @Test func refusedRenewalCostsNoOtherLease() async throws {
        try await withNamespace { fixture in
            let refused = try await acquired(fixture.lock(of: "refused"), on: fixture)
            let kept = try await acquired(fixture.lock(of: "kept"), on: fixture)
            try await fixture.redis("DEL", refused.lock.key)
            try await fixture.redis("RPUSH", refused.lock.key, "of another type")
            let last = kept.validUntil
            try await eventually("the refused one has run out", within: .seconds(20)) { refused.hasEnded }
            #expect(kept.isValid)
            #expect(kept.validUntil > last)
            await fixture.client.leases.release(kept)
        }
    }

    @Test func stolenLockCostsNoOtherLease() async throws {
        try await withNamespace { fixture in
            let stolen = try await acquired(fixture.lock(of: "stolen"), on: fixture)
            let kept = try await acquired(fixture.lock(of: "kept"), on: fixture)
            try await fixture.redis("SET", stolen.lock.key, "thief")
            try await eventually("the theft is noticed", within: .seconds(20)) { stolen.hasEnded }
            try await renewed([kept])
            #expect(kept.isValid)
            await fixture.client.leases.release(kept)
        }
    }

    @Test func eachLeaseHasAHolderOfItsOwn() async throws {
        try await withNamespace { fixture in
            let first = try await acquired(fixture.lock(), on: fixture)
            await fixture.client.leases.release(first)
            let second = try await acquired(fixture.lock(), on: fixture)
            #expect(first.holder != second.holder)
            await fixture.client.leases.release(second)
        }
    }

    private func acquired(_ lock: LockName, on fixture: Fixture) async throws -> Lease {
        guard case .acquired(let lease) = try await fixture.client.leases.acquire(lock) else {
            throw RedstreamError.leaseLost
        }
        return lease
    }

    /// Returns once each lease was renewed.
    private func renewed(_ leases: [Lease]) async throws {
        let before = leases.map(\.validUntil)
        try await eventually("all are renewed", within: .seconds(20)) {
            zip(leases, before).allSatisfy { $0.validUntil > $1 }
        }
    }

    /// Returns the number of times that the server has read from its clients.
    private func reads(of fixture: Fixture) async throws -> Int {
        RedisInfo(try await fixture.redis("INFO", "stats")).integer("total_reads_processed") ?? 0
    }
}
