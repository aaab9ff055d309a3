import Redstream
import TestSupport
import Testing

private struct Product: Streamable, Identifiable {
    var id: Int
}

/// A change that stands is followed by its immediate messages, even if the task of the bulk is cancelled.
@Suite(.timeLimit(.minutes(3))) struct BulkCancellationTests {
    /// Runs a bulk whose task is cancelled while its change runs.
    private func cancelled(
        _ bulk: @escaping @Sendable (StreamClient, _ change: () async throws -> Int) async throws -> Int
    ) async throws {
        try await withNamespace { fixture in
            let task = Task {
                try await bulk(fixture.client) {
                    withUnsafeCurrentTask { $0?.cancel() }
                    return 42
                }
            }
            let value = try await task.value
            #expect(value == 42)
            for key in [fixture.keys.delayStream("products"), fixture.keys.stream("products")] {
                let entries = try await fixture.entries(key)
                #expect(entries.map { $0.fields[1] } == [#"{"id":1}"#])
            }
        }
    }

    @Test func aProducersBulkQueues() async throws {
        try await cancelled { client, change in
            let message = OutgoingMessage(payload: #"{"id":1}"#.utf8)
            return try await Producer(client).bulk([message], on: "products", change: change)
        }
    }

    @Test func aRecordProducersBulkQueues() async throws {
        try await cancelled { client, change in
            try await RecordProducer(Producer(client)).bulk([Product(id: 1)], change: change)
        }
    }

    @Test func aChangeThatThrowsQueuesNothing() async throws {
        try await withNamespace { fixture in
            let task = Task {
                try await Producer(fixture.client).bulk(OutgoingMessage.numbered([1]), on: "products") {
                    withUnsafeCurrentTask { $0?.cancel() }
                    try Task.checkCancellation()
                }
            }
            await #expect(throws: CancellationError.self) { try await task.value }
            let length = try await fixture.length(fixture.keys.stream("products"))
            #expect(length == 0)
        }
    }
}
