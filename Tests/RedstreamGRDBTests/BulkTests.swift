import GRDB
import InMemoryLogging
import Logging
import Redstream
import RedstreamGRDB
import Synchronization
import TestSupport
import Testing

private struct Refused: Error {}

/// `updateAll` and `deleteAll` with messages.
@Suite(.timeLimit(.minutes(4))) struct BulkTests {
    private func stocked(_ fixture: Fixture, _ count: Int, producing client: StreamClient? = nil, logger: Logger? = nil)
        async throws -> Shop
    {
        let shop = try Shop(fixture, producing: client, logger: logger)
        try await shop.database.write { db in
            try db.execute(
                sql: """
                    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
                    INSERT INTO product (id, name, stock) SELECT i, 'a', i % 2 FROM n
                    """, arguments: [count])
        }
        return shop
    }

    @Test func anUpdateAnnouncesWhatItsRequestFoundBefore() async throws {
        try await withNamespace { fixture in
            let shop = try await stocked(fixture, 10)
            let updated = try await shop.streamer.bulk(Product.filter(Product.Columns.stock == 0), in: shop.database) {
                // Afterwards nothing matches the request any more.
                try $1.updateAll($0, Product.Columns.stock.set(to: 9))
            }
            #expect(updated == 5)
            #expect(try await shop.messages() == .both(2, 4, 6, 8, 10))
        }
    }

    @Test func everyDelayMessagePrecedesTheChangeAndNoImmediateOneDoes() async throws {
        try await withNamespace { fixture in
            let shop = try await stocked(fixture, 2500)
            let witness = BlockingCount(fixture)
            try await shop.streamer.bulk(Product.all(), in: shop.database) { db, products in
                #expect(try witness.lengths() == [2500, 0])
                try products.updateAll(db, Product.Columns.stock.set(to: 9))
            }
            let messages = try await shop.messages()
            #expect(messages.delayed == (1...2500).map { #"{"id":\#($0)}"# })
            #expect(messages.immediate == messages.delayed)
        }
    }

    @Test func aDeleteAnnouncesWhatIsGone() async throws {
        try await withNamespace { fixture in
            let shop = try await stocked(fixture, 3)
            let deleted = try await shop.streamer.bulk(Product.all(), in: shop.database) { try $1.deleteAll($0) }
            #expect(deleted == 3)
            #expect(try await shop.messages() == .both(1, 2, 3))
            #expect(try await shop.database.read { db in try Product.fetchCount(db) } == 0)
        }
    }

    @Test func aChangeThatFailsLeavesTheDelayMessagesOnly() async throws {
        try await withNamespace { fixture in
            let shop = try await stocked(fixture, 2)
            await #expect(throws: Refused.self) {
                try await shop.streamer.bulk(Product.all(), in: shop.database) { db, products in
                    try products.deleteAll(db)
                    throw Refused()
                }
            }
            let messages = try await shop.messages()
            #expect(messages == Messages(delayed: Messages.both(1, 2).delayed))
            #expect(try await shop.database.read { db in try Product.fetchCount(db) } == 2)
            #expect(try await temporaryTables(of: shop) == ["redstream_marks"])
        }
    }

    @Test func aBulkThatIsCancelledLeavesNoTable() async throws {
        try await withNamespace { fixture in
            let shop = try await stocked(fixture, 2)
            let bulk = Task {
                try await shop.streamer.bulk(Product.all(), in: shop.database) { db, products in
                    withUnsafeCurrentTask { $0?.cancel() }
                    try products.deleteAll(db)
                }
            }
            await #expect(throws: CancellationError.self) { try await bulk.value }
            #expect(try await shop.database.read { db in try Product.fetchCount(db) } == 2)
            #expect(try await temporaryTables(of: shop) == ["redstream_marks"])
        }
    }

    @Test func immediateMessagesThatFailAfterTheChangeAreLoggedAndThrown() async throws {
        try await withNamespace { fixture in
            let logs = InMemoryLogHandler()
            let shop = try await stocked(fixture, 3, logger: Logger(label: "shop") { _ in logs })
            try await fixture.redis("SET", fixture.keys.stream("products"), "text")
            let error = await #expect(throws: StreamingError.self) {
                try await shop.streamer.bulk(Product.all(), in: shop.database) { try $1.deleteAll($0) }
            }
            #expect("\(error as Any)".contains("the change is made, and will be announced by its delay messages"))
            #expect(try await shop.database.read { db in try Product.fetchCount(db) } == 0)
            #expect(try await fixture.length(fixture.keys.delayStream("products")) == 3)
            #expect(logs.entries.map(\.level) == [.error])
            #expect(logs.entries.first?.metadata["changes"] == "3")
        }
    }

    @Test func aRecordThatComesToMatchMeanwhileIsNotChangedUnannounced() async throws {
        try await withNamespace { fixture in
            let shop = try await stocked(fixture, 3)
            let request = Product.filter(Product.Columns.name == "a")
            try await shop.streamer.bulk(request, in: shop.database) { db, products in
                try db.execute(sql: "INSERT INTO product (id, name) VALUES (4, 'a')")
                let changed = try products.updateAll(db, Product.Columns.stock.set(to: 9))
                #expect(changed == 3)
            }
            #expect(try await shop.messages() == .both(1, 2, 3))
        }
    }

    @Test func eachStatementOfAChangeFindsTheSameRecords() async throws {
        try await withNamespace { fixture in
            let shop = try await stocked(fixture, 10)
            let counts = try await shop.streamer.bulk(
                Product.filter(Product.Columns.stock == 0), in: shop.database
            ) { db, products in
                // After the first statement nothing matches the request any more.
                [
                    try products.updateAll(db, Product.Columns.stock.set(to: 9)),
                    try products.updateAll(db, Product.Columns.name.set(to: "b")),
                    try products.fetchCount(db),
                    try products.filter(Product.Columns.name == "b").deleteAll(db),
                ]
            }
            #expect(counts == [5, 5, 5, 5])
            #expect(try await shop.messages() == .both(2, 4, 6, 8, 10))
        }
    }

    @Test func recordsThatStopMatchingBeforeTheChangeAreLeftAlone() async throws {
        try await withNamespace { fixture in
            let database = Mutex<DatabaseQueue?>(nil)
            let proxy = try RedisProxy(fixture.server) { traffic in
                if case .commands(let text) = traffic, text.contains("products.delay") {
                    try? database.withLock { $0.take() }?.write { db in
                        try db.execute(sql: "UPDATE product SET name = 'b' WHERE id = 1")
                    }
                }
                return .pass
            }
            let client = StreamClient(proxy.configuration, namespace: fixture.namespace)
            let shop = try await stocked(fixture, 3, producing: client)
            database.withLock { $0 = shop.database }
            let counts = try await shop.streamer.bulk(
                Product.filter(Product.Columns.name == "a"), in: shop.database
            ) { db, products in
                try [9, 10].map { try products.updateAll(db, Product.Columns.stock.set(to: $0)) }
            }
            #expect(counts == [2, 2])
            #expect(try await shop.messages() == .both(1, 2, 3))
        }
    }

    @Test func statementsOnOtherRecordsInsideABulkAreAnnouncedToo() async throws {
        try await withNamespace { fixture in
            let shop = try await stocked(fixture, 4)
            try await shop.streamer.bulk(Product.filter(key: 1), in: shop.database) { db, products in
                try products.deleteAll(db)
                try Product.deleteOne(db, key: 3)
            }
            #expect(try await Set(shop.messages().delayed) == [#"{"id":1}"#, #"{"id":3}"#])
            #expect(try await Set(shop.messages().immediate) == [#"{"id":1}"#, #"{"id":3}"#])
        }
    }

    @Test func aBulkCancelledBeforeItsChangeChangesNothing() async throws {
        _ = try await RedisServer.with { server in
            try await withNamespace(on: server) { fixture in
                let (sent, reports) = (Recorder<Bool>(), Recorder<UnannouncedChanges>())
                let proxy = try RedisProxy(server) { traffic in
                    if case .commands = traffic { sent.note(true) }
                    return .pass
                }
                let client = StreamClient(proxy.configuration, namespace: fixture.namespace)
                let shop = try Shop(
                    fixture, producing: client, settings: .init(outage: .commitAndReport { reports.note($0) }))
                try shop.stock(Product(), Product())
                server.pause()
                let bulk = Task {
                    try await shop.streamer.bulk(Product.all(), in: shop.database) { try $1.deleteAll($0) }
                }
                try await eventually("it waits for the server") { sent.count > 0 }
                bulk.cancel()
                await #expect(throws: CancellationError.self) { try await bulk.value }
                server.resume()
                #expect(try await shop.database.read { db in try Product.fetchCount(db) } == 2)
                #expect(reports.count == 0)
                #expect(try await temporaryTables(of: shop) == ["redstream_marks"])
            }
        }
    }

    @Test func aBulkCancelledAfterItsCommitQueuesAllTheSame() async throws {
        try await withNamespace { fixture in
            let end = CommitWatch()
            let shop = try Shop(fixture, observedBy: end)
            try shop.stock(Product(), Product())
            let bulk = Task {
                try await shop.streamer.bulk(Product.all(), in: shop.database) { db, products in
                    end.atNextCommit { withUnsafeCurrentTask { $0?.cancel() } }
                    return try products.deleteAll(db)
                }
            }
            #expect(try await bulk.value == 2)
            #expect(try await shop.messages() == .both(1, 2))
        }
    }

    @Test func aRequestMayHaveALimitAndAKeyOfSeveralColumns() async throws {
        try await withNamespace { fixture in
            let shop = try Shop(fixture)
            try await shop.database.write { db in
                try db.withoutStreaming {
                    for line in ["a", "b", "c"] { try OrderLine(order: 2, line: line).insert(db) }
                }
            }
            try await shop.streamer.bulk(OrderLine.order(Column("line")).limit(1, offset: 1), in: shop.database) {
                let deleted = try $1.deleteAll($0)
                #expect(deleted == 1)
            }
            #expect(try await shop.messages("order_lines-0").immediate == [#"["2","b"]"#])
        }
    }

    @Test func nothingToChangeIsNothingToSay() async throws {
        try await withNamespace { fixture in
            let shop = try Shop(fixture)
            #expect(try await shop.streamer.bulk(Product.all(), in: shop.database) { try $1.deleteAll($0) } == 0)
            #expect(try await shop.messages() == .none)
        }
    }

    @Test func aRecordThatIsGoneBeforeItsTurnIsNotAnnounced() async throws {
        try await withNamespace { fixture in
            let database = Mutex<DatabaseQueue?>(nil)
            // The first thousand are announced, and the last five hundred are not read yet, when two records go.
            let proxy = try RedisProxy(fixture.server) { traffic in
                if case .commands(let text) = traffic, text.contains("products.delay") {
                    try? database.withLock { $0.take() }?.write { db in
                        try db.execute(sql: "DELETE FROM product WHERE id IN (3, 2400)")
                    }
                }
                return .pass
            }
            let client = StreamClient(proxy.configuration, namespace: fixture.namespace)
            let shop = try await stocked(fixture, 2500, producing: client)
            database.withLock { $0 = shop.database }
            let updated = try await shop.streamer.bulk(Product.all(), in: shop.database) {
                try $1.updateAll($0, Product.Columns.name.set(to: "b"))
            }
            #expect(updated == 2498)
            let messages = try await shop.messages()
            #expect(messages.delayed == (1...2500).filter { $0 != 2400 }.map { #"{"id":\#($0)}"# })
            #expect(messages.immediate == messages.delayed)
        }
    }

    @Test func aBulkOverShardsKeepsTheOrderOfEach() async throws {
        try await withNamespace { fixture in
            let shop = try Shop(fixture)
            try await shop.database.write { db in
                try db.withoutStreaming {
                    for number in 1...3 {
                        for line in ["a", "b"] { try OrderLine(order: number, line: line).insert(db) }
                    }
                }
            }
            try await shop.streamer.bulk(OrderLine.all(), in: shop.database) { try $1.deleteAll($0) }
            let odd = [#"["1","a"]"#, #"["1","b"]"#, #"["3","a"]"#, #"["3","b"]"#]
            #expect(try await shop.messages("order_lines-1") == Messages(delayed: odd, immediate: odd))
            let even = [#"["2","a"]"#, #"["2","b"]"#]
            #expect(try await shop.messages("order_lines-0") == Messages(delayed: even, immediate: even))
        }
    }

    private func temporaryTables(of shop: Shop) async throws -> [String] {
        try await shop.database.writeWithoutTransaction { db in
            try String.fetchAll(db, sql: "SELECT name FROM temp.sqlite_master WHERE type = 'table'")
        }
    }
}
