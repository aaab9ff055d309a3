import Foundation
import GRDB
import Redstream
import RedstreamGRDB
import TestSupport
import Testing

private struct Refused: Error {}

/// The exact messages of each kind of change.
@Suite(.timeLimit(.minutes(3))) struct ChangeTests {
    @Test func anInsertWritesBothWithTheKeyThatTheDatabaseGave() async throws {
        try await withNamespace { fixture in
            let shop = try Shop(fixture)
            try await shop.database.write { db in
                var product = Product()
                try product.insert(db)
                #expect(product.id == 1)
                var next = Product()
                try next.save(db)
            }
            #expect(try await shop.messages() == .both(1, 2))
        }
    }

    @Test func anUpdateWritesBoth() async throws {
        try await withNamespace { fixture in
            let shop = try Shop(fixture)
            try shop.stock(Product(), Product(), Product())
            try await shop.database.write { db in
                try Product(id: 1, name: "b").update(db)
                var second = Product(id: 2, name: "b")
                try second.save(db)
                var third = Product(id: 3)
                try third.updateChanges(db) { $0.stock = 5 }
            }
            #expect(try await shop.messages() == .both(1, 2, 3))
        }
    }

    @Test func anUpdateThatChangesNothingWritesNeither() async throws {
        try await withNamespace { fixture in
            let shop = try Shop(fixture)
            try shop.stock(Product())
            try await shop.database.write { db in
                try Product(id: 1).update(db)
                var product = Product(id: 1)
                try product.save(db)
                try product.updateChanges(db) { $0.stock = 0 }
                try Product(id: 1, name: "b", stock: 0).update(db, columns: ["stock"])
            }
            #expect(try await shop.messages() == .none)
        }
    }

    @Test func anUpdateWhoseTriggerChangesTheRowWritesBoth() async throws {
        try await withNamespace { fixture in
            let shop = try Shop(fixture)
            try shop.stock(Product())
            try await shop.database.write { db in
                try db.execute(
                    sql: """
                        CREATE TRIGGER counted AFTER UPDATE OF name ON product
                        BEGIN UPDATE product SET stock = stock + 1 WHERE id = NEW.id; END
                        """)
                try Product(id: 1).update(db, columns: ["name"])
            }
            #expect(try await shop.messages() == .both(1))
        }
    }

    @Test func anUpdateOfNoRowFailsAndWritesNeither() async throws {
        try await withNamespace { fixture in
            let shop = try Shop(fixture)
            await #expect(throws: RecordError.self) {
                try await shop.database.write { db in try Product(id: 9, name: "b").update(db) }
            }
            #expect(try await shop.messages() == .none)
        }
    }

    @Test func anUpsertWritesBothWhetherItInsertsOrUpdates() async throws {
        try await withNamespace { fixture in
            let shop = try Shop(fixture)
            try await shop.database.write { db in
                var product = Product()
                try product.upsert(db)
                var again = Product(id: product.id, name: "b")
                try again.upsert(db)
                var other = Product(id: 5, name: "c")
                _ = try other.upsertAndFetch(db)
            }
            // Equal messages of one transaction are written once.
            #expect(try await shop.messages() == .both(1, 5))
        }
    }

    @Test func anUpsertThatMeetsAnotherRowAnnouncesThatRow() async throws {
        try await withNamespace { fixture in
            let shop = try Shop(fixture)
            try shop.stock(Product(name: "a"), Product(name: "b"))
            try await shop.database.write { db in
                try db.execute(sql: "CREATE UNIQUE INDEX names ON product (name)")
                var product = Product(id: 7, name: "b", stock: 5)
                try product.upsert(db)
                #expect(try Product.fetchOne(db, key: 2)?.stock == 5)
                var ignored = Product(id: 8, name: "a", stock: 5)
                try ignored.insert(db, onConflict: .ignore)
            }
            #expect(try await shop.messages() == .both(2))
        }
    }

    @Test func aDeleteWritesBothAndADeleteOfNothingNeither() async throws {
        try await withNamespace { fixture in
            let shop = try Shop(fixture)
            try shop.stock(Product())
            let deleted = try await shop.database.write { db in try [1, 2].map { try Product(id: $0).delete(db) } }
            #expect(deleted == [true, false])
            #expect(try await shop.messages() == .both(1))
        }
    }

    @Test func aTouchWritesBothAndMayChangeTheRow() async throws {
        try await withNamespace { fixture in
            let shop = try Shop(fixture)
            try shop.stock(Product(), Product())
            try await shop.database.write { db in
                try Product(id: 1).touch(db)
                try Product(id: 2).touch(db, Product.Columns.stock.set(to: 7))
                #expect(try Product.fetchOne(db, key: 2)?.stock == 7)
            }
            #expect(try await shop.messages() == .both(1, 2))
            await #expect(throws: RecordError.self) {
                try await shop.database.write { db in try Product(id: 9).touch(db) }
            }
        }
    }

    @Test func aRecordMayHaveAKeyOfSeveralColumnsAndAStreamOfItsOwn() async throws {
        try await withNamespace { fixture in
            let shop = try Shop(fixture)
            try await shop.database.write { db in
                try OrderLine(order: 1, line: "a").insert(db)
                try OrderLine(order: 2, line: "b").insert(db)
                try OrderLine(order: 2, line: "b").update(db)
            }
            try await shop.database.write { db in _ = try OrderLine(order: 2, line: "b").delete(db) }
            let odd = Messages(delayed: [#"["1","a"]"#], immediate: [#"["1","a"]"#])
            #expect(try await shop.messages("order_lines-1") == odd)
            let even = [#"["2","b"]"#, #"["2","b"]"#]
            #expect(try await shop.messages("order_lines-0") == Messages(delayed: even, immediate: even))
        }
    }

    @Test func anObjectIsAnnouncedOnceAndToldOnceThatItWasInserted() async throws {
        try await withNamespace { fixture in
            let shop = try Shop(fixture)
            let id = UUID()
            try await shop.database.write { db in
                let account = Account(id: id)
                try account.save(db)
                #expect(account.insertions == 1)
            }
            try await shop.database.write { db in try Account(id: id).update(db) }
            let payloads = [#"{"id":"\#(id.uuidString.lowercased())"}"#]
            #expect(try await shop.messages("accounts") == Messages(delayed: payloads, immediate: payloads))
        }
    }

    @Test func anObjectIsAnnouncedWithTheKeyThatTheDatabaseGave() async throws {
        try await withNamespace { fixture in
            let shop = try Shop(fixture)
            try await shop.database.write { db in
                let visit = Visit()
                try visit.insert(db)
                #expect(visit.id == 1)
                try Visit().save(db)
            }
            #expect(try await shop.messages("visits") == .both(1, 2))
        }
    }

    @Test func anObjectThatReplacesItsRowIsAnnounced() async throws {
        try await withNamespace { fixture in
            let shop = try Shop(fixture)
            let id = UUID()
            try await shop.database.write { db in try db.withoutStreaming { try Account(id: id).insert(db) } }
            try await shop.database.write { db in try Account(id: id).upsert(db) }
            try await shop.database.write { db in try Account(id: id).insert(db, onConflict: .replace) }
            #expect(try await shop.messages("accounts").immediate.count == 2)
        }
    }

    @Test func changesWithoutATransactionGetOneOfTheirOwn() async throws {
        try await withNamespace { fixture in
            let shop = try Shop(fixture)
            try await shop.database.writeWithoutTransaction { db in
                var product = Product()
                try product.insert(db)
                product.name = "b"
                try product.update(db)
                try product.touch(db)
                try product.delete(db)
                #expect(!db.isInsideTransaction)
            }
            #expect(try await shop.messages() == .both(1, 1, 1, 1))
        }
    }

    @Test func theApplicationSeesNothingOfTheMarks() async throws {
        try await withNamespace { fixture in
            let shop = try Shop(fixture)
            try await shop.database.write { db in
                _ = try Product(id: 41).inserted(db)
                #expect(db.lastInsertedRowID == 41)
                _ = try Product(id: 42).inserted(db)
                try Product(id: 41, name: "b").update(db)
                #expect(db.lastInsertedRowID == 42)
                #expect(db.changesCount == 1)
            }
            #expect(try await shop.messages() == .both(41, 42))
        }
    }

    @Test func whatIsMutedWritesNeither() async throws {
        try await withNamespace { fixture in
            let shop = try Shop(fixture)
            try shop.stock(Product())
            #expect(try await shop.messages() == .none)
            try await shop.database.write { db in try Product(id: 1, name: "b").update(db) }
            #expect(try await shop.messages() == .both(1))
        }
    }

    @Test func aDatabaseWithoutAStreamerRefusesStreamingRecords() throws {
        let database = try DatabaseQueue()
        try database.write { db in
            try db.execute(sql: "CREATE TABLE product (id INTEGER PRIMARY KEY, name TEXT, stock INTEGER)")
            var product = Product()
            #expect(throws: StreamingError.notInstalled(table: "product")) { try product.insert(db) }
            #expect(try Product.fetchCount(db) == 0)
            try db.withoutStreaming { try product.insert(db) }
            #expect(try Product.fetchCount(db) == 1)
        }
    }

    @Test func aDatabaseHasOneStreamer() async throws {
        try await withNamespace { fixture in
            let shop = try Shop(fixture)
            #expect(throws: StreamingError.alreadyInstalled) { try shop.streamer.install(in: shop.database) }
        }
    }
}
