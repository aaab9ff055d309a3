import ArgumentParser
import GRDB

/// `shop-example check`: whether the secondaries equal the primary, row by row.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Compare the index and the cache with the primary.",
        discussion: "It exits with 2 where they differ.")

    @OptionGroup var shop: ShopOptions

    func run() throws {
        let primary = try Primary.open(in: shop.directory)
        let count = try primary.read { try Product.fetchCount($0) }
        let different = [
            ("index", try Secondary.index(in: shop.directory, of: primary).differences()),
            ("cache", try Secondary.cache(in: shop.directory, of: primary).differences()),
        ]
        for (name, ids) in different {
            let some = ids.prefix(5).map(String.init).joined(separator: ", ") + (ids.count > 5 ? ", …" : "")
            print("\(name): \(count) products, \(ids.isEmpty ? "none differs" : "\(ids.count) differ: \(some)")")
        }
        if different.contains(where: { !$0.1.isEmpty }) { throw ExitCode(2) }
    }
}
