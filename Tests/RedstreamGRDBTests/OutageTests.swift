import GRDB
import InMemoryLogging
import Logging
import RedisClient
import Redstream
import RedstreamGRDB
import TestSupport
import Testing

/// What becomes of transactions while Redis is away.
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
