import RedstreamConnection
import TestSupport
import Testing

@testable import Redstream

@Suite(.timeLimit(.minutes(3))) struct LeaseTests {
    @Test func aLockHoldsItsHolderForFiveSeconds() async throws {
        try await withNamespace { fixture in
            let lock = fixture.lock()
            let lease = try await acquired(fixture.client, lock)
            #expect(lease.isValid)
            #expect(try await fixture.string(lock.key) == lease.holder)
            let left = try await fixture.redis("PTTL", lock.key).integer ?? 0
            #expect(left > 0 && left <= 5000)
            await fixture.client.leases.release(lease)
        }
    }

    @Test func aLockIsHeldByOneOnly() async throws {
        try await withNamespace { fixture in
            let lock = fixture.lock()
            let lease = try await acquired(fixture.client, lock)
            let other = fixture.makeClient()
            guard case .held(let holder) = try await other.leases.acquire(lock) else {
                Issue.record("two hold one lock")
                return
            }
            #expect(holder == lease.holder)
            await fixture.client.leases.release(lease)
            await other.leases.release(try await acquired(other, lock))
        }
    }

    @Test func renewsOnlyItsOwnLock() async throws {
        try await withNamespace { fixture in
            let lock = fixture.lock()
            let lease = try await acquired(fixture.client, lock)
            try await fixture.redis("SET", lock.key, "thief", "PX", 600_000)
            try await eventually("the theft is noticed") { lease.hasEnded }
            #expect(!lease.isValid)
            // A renewal would have left five seconds.
            let left = try await fixture.redis("PTTL", lock.key).integer ?? 0
            #expect(left > 500_000)
            #expect(try await fixture.string(lock.key) == "thief")
        }
    }

    @Test func isRenewedForAsLongAsItIsHeld() async throws {
        try await withNamespace { fixture in
            let lock = fixture.lock()
            let lease = try await acquired(fixture.client, lock)
            let first = lease.validUntil
            try await eventually("the lease was renewed twice", within: .seconds(10)) {
                lease.validUntil > first.advanced(by: .seconds(2))
            }
            #expect(lease.isValid)
            #expect(try await fixture.redis("PTTL", lock.key).integer ?? 0 > 3000)
            await fixture.client.leases.release(lease)
        }
    }

    @Test func aReleaseNotifiesForAMinute() async throws {
        try await withNamespace { fixture in
            let lock = fixture.lock()
            try await fixture.redis("RPUSH", lock.notifyKey, "stale", "stale")
            let lease = try await acquired(fixture.client, lock)
            await fixture.client.leases.release(lease)
            #expect(try await fixture.redis("EXISTS", lock.key).integer == 0)
            let notes = try await fixture.redis("LRANGE", lock.notifyKey, 0, -1).elements
            #expect(notes.map(\.string) == ["1"])
            let left = try await fixture.redis("PTTL", lock.notifyKey).integer ?? 0
            #expect(left > 50_000 && left <= 60_000)
            #expect(!lease.isValid)
        }
    }

    @Test func aLockIsGivenBackOverANewConnectionWhereTheOldOneHasBroken() async throws {
        try await RedisServer.with { server in
            try await withNamespace(on: server) { fixture in
                let lock = fixture.lock()
                let lease = try await acquired(fixture.client, lock)
                try await fixture.redis("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
                await fixture.client.leases.release(lease)
                #expect(try await fixture.redis("EXISTS", lock.key).integer == 0)
            }
        }
    }

    @Test func aStolenLockIsNotReleased() async throws {
        try await withNamespace { fixture in
            let lock = fixture.lock()
            let lease = try await acquired(fixture.client, lock)
            try await fixture.redis("SET", lock.key, "thief", "PX", 5000)
            await fixture.client.leases.release(lease)
            #expect(try await fixture.string(lock.key) == "thief")
            #expect(try await fixture.redis("EXISTS", lock.notifyKey).integer == 0)
        }
    }

    @Test func aLeaseOutlivesARestartOfItsServer() async throws {
        try await RedisServer.with(.init(isDurable: true)) { server in
            try await withNamespace(on: server) { fixture in
                let lock = fixture.lock()
                let lease = try await acquired(fixture.client, lock)
                let first = lease.validUntil
                await server.kill()
                try await server.restart()
                try await eventually("the lease was renewed", within: .seconds(10)) {
                    lease.validUntil > first
                }
                #expect(lease.isValid)
                await fixture.client.leases.release(lease)
            }
        }
    }

    @Test func aLockThatCouldNotBeGivenBackKeepsItsFormerHolderOutNoLonger() async throws {
        try await RedisServer.with(.init(isDurable: true)) { server in
            try await withNamespace(on: server) { fixture in
                let lock = fixture.lock()
                let lease = try await acquired(fixture.client, lock)
                await server.kill()
                await fixture.client.leases.release(lease)
                try await server.restart()
                #expect(try await fixture.string(lock.key) == lease.holder)
                guard case .held = try await fixture.makeClient().leases.acquire(lock) else {
                    Issue.record("it was another's to take")
                    return
                }
                let next = try await acquired(fixture.client, lock)
                #expect(try await fixture.string(lock.key) == next.holder)
                await fixture.client.leases.release(next)
            }
        }
    }

    @Test func aReleaseThatAPromotedReplicaHasNotHeardOfKeepsNobodyOut() async throws {
        try await withNamespace { fixture in
            let lock = fixture.lock()
            let lease = try await acquired(fixture.client, lock)
            await fixture.client.leases.release(lease)
            // As a replica would have it that took over before.
            try await fixture.redis("SET", lock.key, lease.holder, "PX", 5000)
            let next = try await acquired(fixture.client, lock)
            #expect(try await fixture.string(lock.key) == next.holder)
            await fixture.client.leases.release(next)
        }
    }

    @Test func aLeaseEndsWhenItsServerIsAwayForLonger() async throws {
        try await RedisServer.with { server in
            try await withNamespace(on: server) { fixture in
                let lease = try await acquired(fixture.client, fixture.lock())
                server.pause()
                try await eventually("the lease has run out", within: .seconds(15)) { lease.hasEnded }
                server.resume()
            }
        }
    }

    private func acquired(_ client: StreamClient, _ lock: LockName) async throws -> Lease {
        guard case .acquired(let lease) = try await client.leases.acquire(lock)
        else {
            throw RedstreamError.leaseLost
        }
        return lease
    }
}
