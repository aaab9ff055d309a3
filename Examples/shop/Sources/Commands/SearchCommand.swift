import ArgumentParser

/// `shop-example search`: what the index finds.
struct SearchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search", abstract: "Search the index for products with all of these words.")

    @OptionGroup var shop: ShopOptions

    @Argument var words: [String]

    func run() throws {
        let index = try Secondary.index(in: shop.directory, of: Primary.open(in: shop.directory))
        for document in try index.search(words) {
            print("\(document.rowid) \(document.name): \(document.description)")
        }
    }
}
