import Foundation
import GRDB
import Redstream
import RedstreamGRDB
import TestSupport
import Testing

@Suite struct ReadmeTests {
    @Test func theSampleOfRecordsWorks() async throws {
        try await withNamespace { fixture in
            let database = try DatabaseQueue()
            try await database.write { db in
                try db.execute(sql: "CREATE TABLE product (id INTEGER PRIMARY KEY, name TEXT, price INTEGER)")
            }
            try await runSample(fixture.client, database)
            for key in [fixture.keys.delayStream("products"), fixture.keys.stream("products")] {
                #expect(
                    try await fixture.entries(key).map(\.fields)
                        == Array(repeating: ["payload", #"{"id":1}"#], count: 2))
            }
            #expect(try await database.read { try Int.fetchOne($0, sql: "SELECT price FROM product") } == 1000)
        }
    }

    @Test func theReadmeShowsTheSampleAsItStandsHere() throws {
        let source = try String(contentsOfFile: #filePath, encoding: .utf8)
        let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
        let begin = try #require(lines.firstIndex { $0.hasSuffix("// The sample begins.") })
        let end = try #require(lines.firstIndex { $0.hasSuffix("// The sample ends.") })
        let sample = lines[(begin + 1)..<end].map { String($0.dropFirst(4)) }.joined(separator: "\n")
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let readme = try String(contentsOfFile: "/\(root)/README.md", encoding: .utf8)
        #expect(
            readme.contains("```swift\n\(sample)\n```"),
            "the README's sample is not the one that is compiled here")
    }
}

/// A function of the file, or the name of the record's type would be that of one inside of another.
private func runSample(_ client: StreamClient, _ database: DatabaseQueue) async throws {
    // The sample begins.
    struct Product: Codable, Identifiable, FetchableRecord, MutablePersistableRecord, StreamingRecord {
        var id: Int64?
        var name: String
        var price: Int
        mutating func didInsert(_ inserted: InsertionSuccess) { id = inserted.rowID }
    }

    let streamer = RecordStreamer(RecordProducer(Producer(client)))
    try streamer.install(in: database)

    try await database.write { db in
        var product = Product(name: "teapot", price: 900)
        try product.insert(db)
    }
    try await streamer.bulk(Product.filter(Column("price") < 1000), in: database) { db, products in
        try products.updateAll(db, Column("price").set(to: 1000))
    }
    // The sample ends.
}
