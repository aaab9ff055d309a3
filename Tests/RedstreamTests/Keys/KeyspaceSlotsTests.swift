import RedstreamConnection
import Testing

@testable import Redstream

/// The names that keep the keys of a stream together in a cluster.
@Suite struct KeyspaceSlotsTests {
    @Test(arguments: ["{products}", "{products}-0", "shop{1}", "{a}{b}", "{{a}", "{products}.delay"])
    func namesInBracesDo(stream: String) {
        #expect(Keyspace().splitKeys(of: stream) == nil)
        #expect(Keyspace(namespace: "shop").splitKeys(of: stream) == nil)
    }

    @Test(arguments: ["{shop}", "a{shop}b"])
    func namespacesInBracesDoForAllStreams(namespace: String) {
        for stream in ["products", "{", "}", "{}", "a:b", "products-0"] {
            #expect(Keyspace(namespace: namespace).splitKeys(of: stream) == nil)
        }
    }

    @Test(arguments: ["products", "products-0", "a b", "}", ""])
    func otherNamesDoNotAndAreToldTheirBraces(stream: String) {
        let expected = stream == "" || stream == "}" ? nil : "{\(stream)}"
        #expect(Keyspace().splitKeys(of: stream) == SplitKeys(stream: stream, suggestion: expected))
    }

    @Test func aDelayStreamIsToldTheNameOfItsStream() {
        #expect(Keyspace().splitKeys(of: "products.delay")?.suggestion == "{products}")
    }

    @Test(arguments: ["{}", "{}products", "{products", "a{b"])
    func bracesThatHoldNothingOrDoNotCloseDoNot(stream: String) {
        #expect(Keyspace().splitKeys(of: stream) != nil)
    }

    @Test func anOpenBraceOfTheNamespaceLeavesNoNameForTheStream() {
        #expect(Keyspace(namespace: "{shop").splitKeys(of: "products")?.suggestion == nil)
    }

    @Test(arguments: ["indexer", "{a}", "}", "{", "a}b{c"])
    func namesOfConsumersDoNotMatter(consumer: String) {
        for stream in ["{products}", "x{y}z"] {
            let keys = Keyspace().allKeys(of: stream, consumer: consumer)
            #expect(Set(keys.map(ClusterSlot.init(of:))).count == 1)
        }
    }
}
