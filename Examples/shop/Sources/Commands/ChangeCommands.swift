import ArgumentParser
import GRDB
import RedstreamGRDB

// What an application does. None of it mentions Redis: saving a record announces it.

/// `shop-example save`: a new product.
struct SaveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "save", abstract: "Save a new product.")

    @OptionGroup var options: ChangeOptions
    @Argument var name: String
    @Option var description = ""
    @Option(help: "In cents.") var price = 100
    @Option var stock = 1

    func run() async throws {
        let saved = try await options.primary().database.write { db in
            try Product(name: name, description: description, price: price, stock: stock).inserted(db)
        }
        print("saved: \(saved.line)")
    }
}

/// `shop-example edit`: another name, description, price or stock.
struct EditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "edit", abstract: "Change a product.",
        discussion: "An edit that leaves the product as it was announces nothing.")

    @OptionGroup var options: ChangeOptions
    @Argument var id: Int64
    @Option var name: String?
    @Option var description: String?
    @Option(help: "In cents.") var price: Int?
    @Option var stock: Int?

    func run() async throws {
        let edited = try await options.primary().database.write { db in
            var product = try Product.find(db, key: id)
            product.name = name ?? product.name
            product.description = description ?? product.description
            product.price = price ?? product.price
            product.stock = stock ?? product.stock
            try product.update(db)
            return product
        }
        print("edited: \(edited.line)")
    }
}

/// `shop-example delete`: one product less.
struct DeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "delete", abstract: "Delete a product.")

    @OptionGroup var options: ChangeOptions
    @Argument var id: Int64

    func run() async throws {
        let deleted = try await options.primary().database.write { db in
            let product = try Product.find(db, key: id)
            try product.delete(db)
            return product
        }
        print("deleted: \(deleted.line)")
    }
}

extension Product {
    /// The product in one line, for people.
    var line: String { "\(id ?? 0) \(name), \(priceText(price)), \(stock) in stock" }
}
