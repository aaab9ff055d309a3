import FoundationEssentials
import Logging
import RedisClient
import Redstream
import ServiceLifecycle
import TestSupport
import Testing
import UnixSignals

@Suite struct ReadmeTests {
    private struct Product: Sendable {}

    private struct Database: Sendable {
        let saved = Recorder<Bool>()
        func save(_ product: Product) async throws { saved.note(true) }
    }

    private struct Index: Sendable {
        let payloads = Recorder<String>()
        func update(_ batch: [ArraySlice<UInt8>]) async throws {
            for payload in batch { payloads.note(String(decoding: payload, as: UTF8.self)) }
        }
    }

    @Test func theSampleOfTheLibraryWorks() async throws {
        try await withNamespace { fixture in
            let (database, index) = (Database(), Index())
            let sample = Task {
                try await runSample(url: fixture.server.url, namespace: fixture.namespace, database, index)
            }
            try await eventually("the index followed") { index.payloads.values == [#"{"id":1}"#] }
            sample.cancel()
            _ = await sample.result
            #expect(database.saved.count == 1)
            #expect(try await fixture.length(fixture.keys.delayStream("products")) == 1)
        }
    }

    @Test func theReadmeShowsTheSampleAsItStandsHere() throws {
        let source = try String(contentsOfFile: #filePath, encoding: .utf8)
        let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
        let begin = try #require(lines.firstIndex { $0.hasSuffix("// The sample begins.") })
        let end = try #require(lines.firstIndex { $0.hasSuffix("// The sample ends.") })
        let sample = lines[(begin + 1)..<end].map { String($0.dropFirst(8)) }.joined(separator: "\n")
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let readme = try String(contentsOfFile: "/\(root)/README.md", encoding: .utf8)
        #expect(
            readme.contains("```swift\n\(sample)\n```"),
            "the README's sample is not the one that is compiled here")
    }

    private func runSample(
        url: String, namespace: String, _ database: Database, _ index: Index
    ) async throws {
        let product = Product()
        let logger = Logger(label: "readme", factory: { _ in SwiftLogNoOpLogHandler() })
        // The sample begins.
        let client = StreamClient(try RedisConfiguration(url: url), namespace: namespace)

        let changed = [OutgoingMessage(payload: #"{"id":1}"#.utf8)]
        try await Producer(client).bulk(changed, on: "products") {
            try await database.save(product)
        }

        let indexer = Consumer(client, stream: "products", name: "indexer") { batch in
            try await index.update(batch.messages.compactMap(\.payload))
        }
        let delayer = Delayer(client, stream: "products", delay: .seconds(300))
        try await ServiceGroup(
            services: [indexer, delayer], gracefulShutdownSignals: [.sigterm], logger: logger
        ).run()
        // The sample ends.
    }
}
