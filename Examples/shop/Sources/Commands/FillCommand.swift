import ArgumentParser
import GRDB
import RedstreamGRDB

/// `shop-example fill`: products to play with.
struct FillCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "fill", abstract: "Save that many invented products.")

    @OptionGroup var options: ChangeOptions

    @Argument(help: "How many products.")
    var count: Int

    func run() async throws {
        let primary = try options.primary()
        // Each transaction waits for Redis once. While it does, nothing else writes to the primary.
        for first in stride(from: 0, to: count, by: 100) {
            try await primary.database.write { db in
                for number in first..<min(first + 100, count) { _ = try Product(invented: number).inserted(db) }
            }
        }
        print("filled: \(count) products")
    }
}

extension Product {
    private static let things = ["teapot", "lamp", "bicycle", "harmonica", "umbrella", "compass", "kettle"]
    private static let materials = ["brass", "porcelain", "oak", "linen", "steel"]

    fileprivate init(invented number: Int) {
        let thing = Self.things[number % Self.things.count]
        let material = Self.materials[number / Self.things.count % Self.materials.count]
        self.init(
            name: "\(material) \(thing)", description: "Number \(number) of our \(thing)s, made of \(material).",
            price: 500 + number % 97 * 50, stock: number % 4)
    }
}
