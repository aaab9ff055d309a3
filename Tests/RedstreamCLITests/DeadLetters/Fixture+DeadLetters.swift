import Redstream
import RedstreamConnection
import TestSupport

extension Fixture {
    /// Writes dead letters as a consumer does, of the entries `<number>-0` with the numbers as payloads.
    func writeDeadLetters(_ numbers: ClosedRange<Int>) async throws {
        struct Bad: Error, CustomStringConvertible { let description = "it is bad" }
        try await add(numbered: numbers, to: keys.stream("products"))
        let policy = FailurePolicy(maxAttempts: 1, lastResort: .deadLetter)
        let options = Consumer.Options(batchSize: 1, limits: .init(count: 1), failurePolicy: policy)
        for _ in numbers {
            try await Consumer(client, stream: "products", name: "indexer", options: options) { _ in
                throw Bad()
            }.run()
        }
    }

    /// Runs a command of `dead-letters` for the consumer `indexer` of `products`.
    func runDeadLetters(_ words: String...) async throws -> ToolProcess.Result {
        let arguments = ["dead-letters", words[0], "--stream", "products", "--consumer", "indexer"]
        return try await ToolProcess(arguments + words.dropFirst(), environment: toolEnvironment).result()
    }
}
