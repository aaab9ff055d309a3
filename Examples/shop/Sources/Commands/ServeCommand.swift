import ArgumentParser
import Logging
import Redstream
import ServiceLifecycle
import UnixSignals

/// `shop-example serve`: everything that runs beside the application.
///
/// Start it on as many machines as you like: of each service one is active, the others stand by and take over.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Keep the index and the cache in line with the primary, until stopped.")

    @OptionGroup var shop: ShopOptions

    @Option(help: "Seconds after which a delay message is due: more than the longest transaction takes.")
    var delay = 300.0

    @Option(help: "Seconds between two trims of what both have read.")
    var trimInterval = 30.0

    func run() async throws {
        let client = try shop.client()
        let primary = try Primary.open(in: shop.directory)
        let index = try Secondary.index(in: shop.directory, of: primary)
        let cache = try Secondary.cache(in: shop.directory, of: primary)
        let stream = Product.streamName

        let services: [any Service] = [
            Consumer(client, stream: stream, name: "index", handler: index.follow),
            Consumer(client, stream: stream, name: "cache", handler: cache.follow),
            // Repairs what a crash has left unsaid.
            Delayer(client, stream: stream, delay: .seconds(delay)),
            Trimmer(
                client, streams: .named([stream]), policy: TrimPolicy(consumers: .named(["index", "cache"])),
                interval: .seconds(trimInterval)),
        ]
        // On a signal each finishes what it has in hand, commits, and hands its lock over.
        try await ServiceGroup(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: client.logger
        ).run()
    }
}
