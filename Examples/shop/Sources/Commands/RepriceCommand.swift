import ArgumentParser
import GRDB
import RedstreamGRDB

/// `shop-example reprice`: one UPDATE of many products, each of them announced.
///
/// `updateAll` alone would keep all products in memory, and hold up the database until all of their messages are written.
/// `bulk` takes the ids of the products that the request finds now, and keeps no more than a thousand of them in memory.
struct RepriceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reprice", abstract: "Change the prices of many products in one statement.")

    @OptionGroup var options: ChangeOptions

    @Argument(help: "By how many percent: 10, or -- -10.")
    var percent: Int

    @Option(help: "Only products that cost this much at least, in cents.")
    var from = 0

    func run() async throws {
        let primary = try options.primary()
        let repriced = try await primary.streamer.bulk(
            Product.filter(Product.Columns.price >= from), in: primary.database
        ) { db, products in
            try products.updateAll(db, Product.Columns.price.set(to: Product.Columns.price * (100 + percent) / 100))
        }
        print("repriced: \(repriced) products")
    }
}
