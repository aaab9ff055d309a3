import ArgumentParser
import Foundation
import Logging
import Redstream

/// A shop whose search index and cache follow its database.
@main
struct ShopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shop-example",
        abstract: "A shop whose search index and cache follow its database.",
        subcommands: [
            ServeCommand.self, FillCommand.self, SaveCommand.self, EditCommand.self, DeleteCommand.self,
            RepriceCommand.self, SearchCommand.self, CheckCommand.self,
        ])
}

/// The places of the shop's data.
///
/// Redis is named by the environment, as for the tool.
struct ShopOptions: ParsableArguments {
    @Option(help: "The directory of the three databases.")
    var directory = "."

    func client() throws -> StreamClient {
        let environment = ProcessInfo.processInfo.environment
        return StreamClient(
            try RedisConfiguration(url: environment["REDSTREAM_URL"] ?? "redis://127.0.0.1:6379"),
            namespace: environment["REDSTREAM_NAMESPACE"],
            logger: Logger(label: "shop") { StreamLogHandler.standardError(label: $0) })
    }
}

/// The options that the commands share that change products.
struct ChangeOptions: ParsableArguments {
    @OptionGroup var shop: ShopOptions

    @Option(help: "Die at this moment: \(CrashPoint.allCases.map(\.rawValue).joined(separator: ", ")).")
    var crash: CrashPoint?

    func primary() throws -> Primary {
        try Primary(in: shop.directory, client: shop.client(), crash: crash)
    }
}
