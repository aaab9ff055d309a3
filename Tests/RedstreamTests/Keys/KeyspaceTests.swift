import Redstream
import RedstreamConnection
import Testing

/// The keys that Ruby processes read and write too.
@Suite(.timeLimit(.minutes(3))) struct KeyspaceTests {
    private let consumer = ConsumerName(stream: "products", name: "indexer")

    @Test func withoutANamespaceKeysStartWithRedstream() {
        for keys in [Keyspace(), Keyspace(namespace: nil), Keyspace(namespace: "")] {
            #expect(keys.stream("products") == "redstream:stream:products")
            #expect(keys.offset(consumer) == "redstream:offset:products:indexer")
        }
    }

    @Test func withANamespaceItComesFirst() {
        let keys = Keyspace(namespace: "shop")
        #expect(keys.stream("products") == "shop:redstream:stream:products")
        #expect(keys.delayStream("products") == "shop:redstream:stream:products.delay")
        #expect(keys.offset(consumer) == "shop:redstream:offset:products:indexer")
        #expect(keys.lock(consumer).key == "shop:redstream:lock:consumer:products:indexer")
        #expect(keys.lock(consumer).notifyKey == "shop:redstream:lock:consumer:products:indexer.notify")
        #expect(keys.trimmerLock("products").key == "shop:redstream:lock:trimmer:products")
        #expect(keys.delay("products") == "shop:redstream:delay:products")
        #expect(keys.trimMark("products") == "shop:redstream:trimmed:products")
        #expect(keys.attempts(consumer) == "shop:redstream:attempts:products:indexer")
        #expect(keys.deadLetters(consumer) == "shop:redstream:stream:products.indexer.dead")
    }

    @Test func aDelayerIsAConsumerOfTheDelayStream() {
        let keys = Keyspace()
        #expect(keys.offset(.delayer(of: "products")) == "redstream:offset:products.delay:delayer")
        #expect(keys.lock(.delayer(of: "products")).key == "redstream:lock:consumer:products.delay:delayer")
    }
}
