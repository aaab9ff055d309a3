import RedstreamConnection
import Testing

@testable import Redstream

@Suite struct EvictionPolicyTests {
    @Test(arguments: [
        ("noeviction", false), ("allkeys-lru", true), ("volatile-ttl", true), ("volatile-lru", true),
    ])
    func whatMayBeEvictedIsADanger(policy: String, isDanger: Bool) {
        #expect((EvictionPolicy.danger(of: policy) != nil) == isDanger)
    }

    @Test func aPolicyWithoutALimitHasNoEffect() {
        let info = "# Memory\r\nmaxmemory:0\r\nmaxmemory_policy:allkeys-lru\r\n"
        #expect(EvictionPolicy.policy(inMemoryInfo: RedisInfo(info)) == nil)
        let limited = info.replacing("maxmemory:0", with: "maxmemory:1000")
        #expect(EvictionPolicy.policy(inMemoryInfo: RedisInfo(limited)) == "allkeys-lru")
    }
}
