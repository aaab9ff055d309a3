import Foundation
import Testing

@testable import Redstream

private enum API {
    enum V1 { struct Token {} }
    struct Box<Value> {}
}
private struct OrderLine {}

/// The names of streams, as ActiveSupport forms them.
@Suite struct StreamNamingTests {
    @Test func formsEveryNameAsActiveSupportDoes() throws {
        let table = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "stream-names.tsv")
        let pairs = try String(contentsOf: table, encoding: .utf8).split(separator: "\n")
            .filter { !$0.hasPrefix("#") }.map { $0.split(separator: "\t").map(String.init) }
        #expect(pairs.count > 300)
        for pair in pairs { #expect(StreamNaming.streamName(ofTypeNamed: pair[0]) == pair[1], "\(pair[0])") }
    }

    /// The names that the table does not hold, by ActiveSupport's rules.
    @Test(arguments: [
        ("", ""), ("Salesperson", "salespeople"), ("Human", "humen"), ("DATA", "da_ta"), ("Roof", "roofs"),
        ("Giraffe", "giraffes"), ("Wolf", "wolves"), ("OfficeEquipment", "office_equipments"),
        ("Office::Equipment", "office/equipment"), ("Soliloquy", "soliloquies"), ("BigMouse", "big_mouses"),
        ("A1B2Order", "a1_b2_orders"), ("Änderung", "Änderungs"),
    ])
    func keepsTheRulesOfActiveSupport(type: String, stream: String) {
        #expect(StreamNaming.streamName(ofTypeNamed: type) == stream)
    }

    @Test func spellsSwiftTypesAsRubyDoes() {
        struct Local {}
        #expect(StreamNaming.streamName(of: OrderLine.self) == "order_lines")
        #expect(StreamNaming.streamName(of: API.V1.Token.self) == "api/v1/tokens")
        #expect(StreamNaming.streamName(of: API.Box<[String: OrderLine]>.self) == "api/boxes")
        #expect(StreamNaming.streamName(of: Local.self).hasSuffix("locals"))
        #expect(StreamNaming.rubyName(of: "Shop.(unknown context at $10).Product") == "Product")
    }
}
