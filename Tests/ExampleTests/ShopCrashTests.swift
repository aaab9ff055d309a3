import GRDB
import Redstream
import RedstreamConnection
import Synchronization
import TestSupport
import Testing

/// A process that dies at the worst moments: which messages it leaves, and that they repair.
@Suite(.timeLimit(.minutes(4))) struct ShopCrashTests {
    /// Kills a save, an edit and a delete at a moment, in a shop with five products that are consumed.
    private func killChanges(at moment: String, in shop: ShopProcess) async throws {
        try await shop.stock(5)
        try await shop.runKilled("save", "kite", "--crash", moment)
        try await shop.runKilled("edit", "2", "--price", "7", "--crash", moment)
        try await shop.runKilled("delete", "3", "--crash", moment)
    }

    /// Runs the services until everything is consumed, and compares row by row.
    private func repair(_ shop: ShopProcess) async throws {
        let services = try shop.serve()
        try await shop.settle()
        #expect(try await shop.check() == .status(0))
        services.signal(9)
    }

    @Test func betweenSaveAndCommitItLeavesNothing() async throws {
        try await withNamespace { fixture in
            let shop = try ShopProcess(fixture)
            try await killChanges(at: "after-save", in: shop)
            #expect(try await shop.messages() == Messages())
            #expect(try await [shop.price(6), shop.price(2), shop.price(3)] == [nil, 550, 600])
            #expect(try await shop.check() == .status(0))
        }
    }

    @Test func betweenDelayMessageAndCommitItLeavesAMessageThatDoesNoHarm() async throws {
        try await withNamespace { fixture in
            let shop = try ShopProcess(fixture)
            try await killChanges(at: "after-delay-message", in: shop)
            #expect(try await shop.messages() == Messages(delayed: [6, 2, 3]))
            #expect(try await [shop.price(6), shop.price(2), shop.price(3)] == [nil, 550, 600])
            #expect(try await shop.check() == .status(0))
            try await repair(shop)
        }
    }

    @Test func betweenCommitAndQueueItLeavesAMessageThatRepairs() async throws {
        try await withNamespace { fixture in
            let shop = try ShopProcess(fixture)
            try await killChanges(at: "before-queue", in: shop)
            #expect(try await shop.messages() == Messages(delayed: [6, 2, 3]))
            #expect(try await [shop.price(6), shop.price(2), shop.price(3)] == [100, 7, nil])
            // The secondaries have not heard of it.
            #expect(try await shop.check() == .status(2))
            try await repair(shop)
        }
    }

    @Test(arguments: ["after-save", "after-delay-message"])
    func beforeTheCommitOfABulkItLeavesMessagesThatDoNoHarm(moment: String) async throws {
        try await withNamespace { fixture in
            let shop = try ShopProcess(fixture)
            try await shop.stock(1200)
            try await shop.runKilled("reprice", "10", "--crash", moment)
            #expect(try await shop.messages() == Messages(delayed: Array(1...1200)))
            #expect(try await shop.price(2) == 550)
            try await repair(shop)
        }
    }

    @Test func betweenTheCommitAndTheQueueOfABulkItLeavesMessagesThatRepair() async throws {
        try await withNamespace { fixture in
            let shop = try ShopProcess(fixture)
            try await shop.stock(1200)
            try await shop.runKilled("reprice", "10", "--from", "1000", "--crash", "before-queue")
            let dear = try await shop.read("primary") { db in
                try Int.fetchAll(db, sql: "SELECT id FROM product WHERE price >= 1100 ORDER BY id")
            }
            #expect(dear.count > 1000)
            #expect(try await shop.messages() == Messages(delayed: dear))
            #expect(try await shop.check() == .status(2))
            try await repair(shop)
        }
    }

    @Test func deathWithinTheQueueOfABulkLeavesMessagesThatRepair() async throws {
        try await withNamespace { fixture in
            let shop = try ShopProcess(fixture)
            try await shop.stock(1200)
            // Its second portion of immediate messages does not come through.
            let process = Mutex<ToolProcess?>(nil)
            let portions = Recorder<Bool>()
            let key = fixture.keys.stream("products").description + "\r\n"
            let proxy = try RedisProxy(fixture.server) { traffic in
                guard case .commands(let text) = traffic, text.contains(key), portions.note(true) == 2 else {
                    return .pass
                }
                process.withLock { $0?.signal(9) }
                return .cut
            }
            guard case .unix(let path) = proxy.configuration.address else { return }
            let reprice = try shop.start("reprice", "10", url: "unix://\(path)")
            process.withLock { $0 = reprice }
            #expect(try await reprice.result().exit == .signal(9))

            let messages = try await shop.messages()
            #expect(messages.delayed == Array(1...1200))
            #expect(messages.immediate == Array(messages.delayed.prefix(messages.immediate.count)))
            #expect((1..<1200).contains(messages.immediate.count))
            try await repair(shop)
        }
    }
}
