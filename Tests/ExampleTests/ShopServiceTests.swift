import GRDB
import TestSupport
import Testing

/// The services of the shop: that the secondaries follow, whoever of them dies.
@Suite(.timeLimit(.minutes(4))) struct ShopServiceTests {
    @Test func theSecondariesFollowEveryKindOfChange() async throws {
        try await withNamespace { fixture in
            let shop = try ShopProcess(fixture)
            let services = try shop.serve()
            try await shop.run("fill", "40")
            try await shop.run("save", "Kite", "--description", "flying high", "--stock", "0")
            try await shop.run("edit", "1", "--name", "pink quokka")
            try await shop.run("edit", "2", "--price", "500000")
            try await shop.run("delete", "3")
            try await shop.run("reprice", "10", "--from", "500000")
            try await shop.settle()
            #expect(try await shop.check() == .status(0))
            #expect(try await shop.run("search", "quokkas").hasPrefix("1 pink quokka: "))
            #expect(try await shop.run("search", "fly", "kites") == "41 Kite: flying high\n")
            let offers = try await shop.read("cache") { db in
                try String.fetchAll(
                    db, sql: "SELECT label FROM offer WHERE rowid IN (2, 3) OR NOT isAvailable AND rowid = 41")
            }
            #expect(offers == ["brass lamp, 5500.00", "Kite, 1.00"])
            services.signal(15)
            #expect(try await services.result().exit == .status(0))
        }
    }

    @Test func theCheckNamesWhatDiffersEitherWayRound() async throws {
        try await withNamespace { fixture in
            let shop = try ShopProcess(fixture)
            try await shop.stock(9)
            for (database, sql) in [
                ("index", "DELETE FROM document WHERE rowid = 4"), ("cache", "INSERT INTO offer VALUES (12, 'a', 1)"),
                ("cache", "UPDATE offer SET label = 'b' WHERE rowid = 5"),
            ] {
                try await DatabaseQueue(path: shop.path(database)).write { try $0.execute(sql: sql) }
            }
            let check = try await shop.start("check").result()
            #expect(check.exit == .status(2))
            #expect(check.lines == ["index: 9 products, 1 differ: 4", "cache: 9 products, 2 differ: 5, 12"])
        }
    }

    @Test func servicesThatAreKilledInTheMiddleOfALoadAreStartedAgain() async throws {
        try await withNamespace { fixture in
            let shop = try ShopProcess(fixture)
            let killed = try shop.serve()
            let load = try shop.start("fill", "3000")
            try await eventually("the index follows") { try await (shop.count("document", in: "index") ?? 0) > 300 }
            killed.signal(9)
            _ = try await killed.result()
            #expect(try await shop.check() == .status(2))
            let services = try shop.serve()
            #expect(try await load.result().exit == .status(0))
            try await shop.settle()
            #expect(try await shop.check() == .status(0))
            #expect(try await shop.count("offer", in: "cache") == 3000)
            services.signal(9)
        }
    }

    @Test func servicesThatStandByTakeOver() async throws {
        try await withNamespace { fixture in
            let shop = try ShopProcess(fixture)
            let active = try shop.serve()
            try await shop.run("fill", "1")
            try await shop.settle()
            let standby = try shop.serve()
            for consumer in ["index", "cache"] {
                try await standby.waitForErrors(containing: "consumer \(consumer) of products stands by")
            }
            active.signal(9)
            try await shop.run("fill", "200")
            try await shop.settle()
            #expect(try await shop.check() == .status(0))

            let third = try shop.serve()
            try await third.waitForErrors(containing: "consumer cache of products stands by")
            standby.signal(15)
            #expect(try await standby.result().exit == .status(0))
            try await shop.run("delete", "7")
            try await shop.settle()
            #expect(try await shop.check() == .status(0))
            third.signal(9)
        }
    }
}

extension ShopProcess {
    /// The number of rows of a table; nil where there is none yet.
    fileprivate func count(_ table: String, in database: String) async throws -> Int? {
        try? await read(database) { try Int.fetchOne($0, sql: "SELECT count(*) FROM \(table)") }
    }
}
