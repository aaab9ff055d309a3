import GRDB
import InMemoryLogging
import Logging
import Redstream
import RedstreamConnection
import RedstreamGRDB
import TestSupport
import Testing

/// The transactions while Redis is away.
@Suite(.timeLimit(.minutes(3))) struct OutageTests {
    private let brief = Duration.milliseconds(200)

    @Test func byDefaultATransactionFailsBeforeItCommits() async throws {
        _ = try await RedisServer.with { server in
            try await withNamespace(on: server) { fixture in
                let shop = try Shop(fixture, settings: .init(deadline: brief))
                server.pause()
                let start = ContinuousClock.now
                let error = await #expect(throws: StreamingError.self) {
                    try await shop.database.write { db in
                        var product = Product()
                        try product.insert(db)
                    }
                }
                let taken = start.duration(to: .now)
                server.resume()
                #expect("\(error as Any)".contains("the delay messages of 1 change failed: no answer from"))
                #expect(taken >= brief)
                #expect(taken < .seconds(5))
                #expect(try await shop.database.read { db in try Product.fetchCount(db) } == 0)
            }
        }
    }

    @Test func onDemandATransactionCommitsAndReportsWhatWasNotAnnounced() async throws {
        _ = try await RedisServer.with { server in
            try await withNamespace(on: server) { fixture in
                let reports = Recorder<UnannouncedChanges>()
                let shop = try Shop(
                    fixture, settings: .init(deadline: brief, outage: .commitAndReport { reports.note($0) }))
                server.pause()
                let start = ContinuousClock.now
                try await shop.database.write { db in
                    var product = Product()
                    try product.insert(db)
                    try OrderLine(order: 2, line: "a").insert(db)
                }
                let taken = start.duration(to: .now)
                server.resume()
                #expect(taken < .seconds(5))
                #expect(try await shop.database.read { db in try Product.fetchCount(db) } == 1)
                #expect(reports.count == 1)
                #expect(reports.values.first?.changes.map(\.stream) == ["products", "order_lines-0"])
                #expect(reports.values.first?.changes.first?.payload == (try Payload(id: 1)))
                // What comes after the outage is announced as ever.
                try await eventually {
                    try await shop.database.write { db in try Product(id: 1).touch(db) }
                    return try await shop.messages().immediate.count > 0
                }
            }
        }
    }

    @Test func aBulkFailsAsAWriteDoes() async throws {
        _ = try await RedisServer.with { server in
            try await withNamespace(on: server) { fixture in
                let shop = try Shop(fixture, settings: .init(deadline: brief))
                try shop.stock(Product(), Product())
                await server.kill()
                let write = await #expect(throws: StreamingError.self) {
                    try await shop.database.write { db in try Product(id: 1).touch(db) }
                }
                let bulk = await #expect(throws: StreamingError.self) {
                    try await shop.streamer.bulk(Product.all(), in: shop.database) { try $1.deleteAll($0) }
                }
                for (error, count) in [(write, 1), (bulk, 2)] {
                    guard case .delayMessagesFailed(count, let reason) = error else {
                        Issue.record("\(error as Any)")
                        continue
                    }
                    #expect("\(reason)".contains("cannot connect"))
                    #expect((error?.underlying as? RedisError)?.kind == .connectFailed)
                }
                #expect(try await shop.database.read { db in try Product.fetchCount(db) } == 2)
                try await server.restart()
            }
        }
    }

    @Test func onDemandABulkCommitsAndReportsWhatWasNotAnnounced() async throws {
        _ = try await RedisServer.with { server in
            try await withNamespace(on: server) { fixture in
                let (reports, logs) = (Recorder<UnannouncedChanges>(), InMemoryLogHandler())
                let shop = try Shop(
                    fixture, settings: .init(deadline: brief, outage: .commitAndReport { reports.note($0) }),
                    logger: Logger(label: "shop") { _ in logs })
                try shop.stock(Product(), Product())
                await server.kill()
                let deleted = try await shop.streamer.bulk(Product.all(), in: shop.database) { try $1.deleteAll($0) }
                #expect(deleted == 2)
                #expect(try reports.values.map { $0.changes.map(\.payload) } == [[Payload(id: 1), Payload(id: 2)]])
                #expect(reports.values.first?.changes.map(\.stream) == ["products", "products"])
                #expect((reports.values.first?.reason as? RedisError)?.kind == .connectFailed)
                #expect(logs.entries.map(\.level) == [.critical])
                try await server.restart()
            }
        }
    }

    @Test func aBulkReportsThoseOnlyThatHaveNoMessageAtAll() async throws {
        try await withNamespace { fixture in
            let (reports, ids) = (Recorder<UnannouncedChanges>(), Recorder<UInt8>())
            // The server takes the delay messages of the first thousand, and nothing after that.
            let proxy = try RedisProxy(fixture.server) { traffic in
                switch traffic {
                case .commands: return ids.count < 1000 ? .pass : .cut
                case .replies(let text):
                    // Each id has one.
                    ids.note(contentsOf: text.utf8.filter { $0 == UInt8(ascii: "-") })
                    return .pass
                }
            }
            let client = StreamClient(proxy.configuration, namespace: fixture.namespace)
            let shop = try Shop(
                fixture, producing: client, settings: .init(outage: .commitAndReport { reports.note($0) }))
            try await shop.database.write { db in
                try db.withoutStreaming { for _ in 0..<2500 { _ = try Product().inserted(db) } }
            }
            try await shop.streamer.bulk(Product.all(), in: shop.database) { _ = try $1.deleteAll($0) }
            #expect(reports.values.map(\.changes.count) == [1000, 500])
            #expect(try reports.values.first?.changes.first?.payload == Payload(id: 1001))
            #expect(try await fixture.length(fixture.keys.delayStream("products")) == 1000)
            #expect(try await fixture.length(fixture.keys.stream("products")) == 0)
        }
    }

    @Test func whatWasNotAnnouncedCanBeSavedInTheSameDatabase() async throws {
        _ = try await RedisServer.with { server in
            try await withNamespace(on: server) { fixture in
                let shop = try Shop(
                    fixture,
                    settings: .init(
                        deadline: brief,
                        outage: .commitAndSave { unannounced, db in
                            for change in unannounced.changes {
                                let payload = String(decoding: change.payload.bytes, as: UTF8.self)
                                try db.execute(
                                    sql: "INSERT INTO outbox VALUES (?, ?)", arguments: [change.stream, payload])
                            }
                            // It announces nothing of its own, whatever it changes.
                            _ = try Product(name: "in the outbox").inserted(db)
                        }))
                try shop.stock(Product(), Product(), Product())
                try await shop.database.write { try $0.execute(sql: "CREATE TABLE outbox (stream TEXT, payload TEXT)") }
                await server.kill()
                try await shop.database.write { db in try Product(id: 1).touch(db) }
                try await shop.streamer.bulk(Product.filter(keys: [2, 3]), in: shop.database) { try $1.deleteAll($0) }
                let saved = try await shop.database.read { db in
                    try String.fetchAll(db, sql: "SELECT stream || payload FROM outbox")
                }
                #expect(saved == [1, 2, 3].map { #"products{"id":\#($0)}"# })
                #expect(try await shop.database.read { db in try Product.fetchCount(db) } == 3)
                try await server.restart()
            }
        }
    }

    @Test func whatCannotBeSavedIsLogged() async throws {
        struct Full: Error {}
        _ = try await RedisServer.with { server in
            try await withNamespace(on: server) { fixture in
                let logs = InMemoryLogHandler()
                let shop = try Shop(
                    fixture, settings: .init(deadline: brief, outage: .commitAndSave { _, _ in throw Full() }),
                    logger: Logger(label: "shop") { _ in logs })
                try shop.stock(Product())
                await server.kill()
                try await shop.database.write { db in try Product(id: 1, name: "b").update(db) }
                #expect(try await shop.database.read { db in try Product.fetchOne(db, key: 1)?.name } == "b")
                #expect(logs.entries.map(\.level) == [.critical, .critical])
                #expect(logs.entries.last.map { "\($0.message)".contains("could not be saved: Full()") } == true)
                try await server.restart()
            }
        }
    }

    @Test func onlyTheFirstWriteWaitsForAServerThatIsAway() async throws {
        _ = try await RedisServer.with { server in
            try await withNamespace(on: server) { fixture in
                let deadline = Duration.seconds(2)
                let shop = try Shop(fixture, settings: .init(deadline: deadline, outage: .commitAndReport { _ in }))
                try shop.stock(Product())
                await server.kill()
                let clock = ContinuousClock()
                let write = { try await shop.database.write { db in try Product(id: 1).touch(db) } }
                #expect(try await clock.measure { try await write() } > deadline / 2)
                #expect(try await clock.measure { for _ in 0..<20 { try await write() } } < deadline)
                try await server.restart()
                // The first write after the outage is announced, since each tries once.
                try await write()
                #expect(try await shop.messages() == .both(1))
            }
        }
    }

    @Test func aServerThatRestartsInTimeHoldsNothingUp() async throws {
        _ = try await RedisServer.with { server in
            try await withNamespace(on: server) { fixture in
                let shop = try Shop(fixture)
                try await shop.database.write { db in
                    var product = Product()
                    try product.insert(db)
                }
                try await server.restart()
                try await shop.database.write { db in try Product(id: 1).touch(db) }
                #expect(try await shop.messages().immediate.count >= 1)
                #expect(try await shop.messages().delayed.count >= 1)
            }
        }
    }

    @Test func anImmediateMessageThatFailsIsLoggedAndItsDelayMessageRepairs() async throws {
        try await withNamespace { fixture in
            let logs = InMemoryLogHandler()
            let shop = try Shop(fixture, logger: Logger(label: "shop") { _ in logs })
            try await fixture.redis("SET", fixture.keys.stream("products"), "text")
            try await shop.database.write { db in
                var product = Product()
                try product.insert(db)
            }
            #expect(try await fixture.length(fixture.keys.delayStream("products")) == 1)
            #expect(try await shop.database.read { db in try Product.fetchCount(db) } == 1)
            #expect(logs.entries.map(\.level) == [.error])
            let text = logs.entries.map { "\($0.message) \($0.metadata)" }.joined()
            #expect(text.contains("delay messages will repair"))
            #expect(!text.contains("\"id\""))
        }
    }

    @Test func aRecordThatCannotBeAnnouncedIsNotChanged() async throws {
        struct Nameless: Codable, FetchableRecord, PersistableRecord, StreamingRecord {
            static let databaseTableName = "product"
            var name: String
            var streamPayload: Payload { get throws { throw PayloadError.noKey } }
        }
        try await withNamespace { fixture in
            let shop = try Shop(fixture)
            await #expect(throws: PayloadError.noKey) {
                try await shop.database.write { db in try Nameless(name: "a").insert(db) }
            }
            #expect(try await shop.database.read { db in try Product.fetchCount(db) } == 0)
        }
    }
}
