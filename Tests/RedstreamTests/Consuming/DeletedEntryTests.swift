import Redstream
import RedstreamConnection
import TestSupport
import Testing

/// Entries that are deleted while a consumer has them in hand.
@Suite(.timeLimit(.minutes(3))) struct DeletedEntryTests {
    private let name = ConsumerName(stream: "products", name: "indexer")

    private struct Bad: Error {}

    /// The batch 1…4 fails for 3; what is deleted goes while its first half is handled.
    @Test(arguments: ["2-0", "3-0", "4-0"])
    func aDeletionWhileABatchIsNarrowedDownLosesAndSkipsNothing(deleted: String) async throws {
        try await withNamespace { fixture in
            let key = fixture.keys.stream("products")
            try await fixture.add(numbered: 1...5, to: key)
            let (handled, deletions) = (Recorder<Int>(), Recorder<Int>())
            let options = Consumer.Options(
                batchSize: 4, failurePolicy: FailurePolicy(maxAttempts: 1, lastResort: .deadLetter))
            let consumer = Consumer(fixture.client, stream: "products", name: "indexer", options: options) { batch in
                let numbers = batch.messages.compactMap { Int($0.text) }
                if numbers.contains(3) { throw Bad() }
                if numbers == [1, 2] {
                    try await deletions.note(fixture.redis("XDEL", key, deleted).integer ?? 0)
                }
                handled.note(contentsOf: numbers)
            }
            try await withRunning(consumer) { _ in
                try await eventually("all is committed") { try await fixture.offset() == "5-0" }
            }
            #expect(deletions.values == [1])
            // Only where the end of what was handled is gone, it cannot be told from what a failover lost.
            #expect(handled.values == (deleted == "2-0" ? [1, 2, 1, 4, 5] : [1, 2, 4, 5]))
            let letters = try await fixture.client.deadLetters(of: name)
            #expect(letters.map(\.message.text) == ["3"])
            #expect(try await fixture.redis("EXISTS", fixture.keys.attempts(name)).integer == 0)
        }
    }

    @Test func deletedEndOfABatchIsCommittedByTheNextRead() async throws {
        try await withNamespace { fixture in
            let key = fixture.keys.stream("products")
            try await fixture.add(numbered: 1...3, to: key)
            let handled = Recorder<[String]>()
            let consumer = Consumer(fixture.client, stream: "products", name: "indexer") { batch in
                handled.note(batch.messages.map(\.text))
                if handled.count == 1 { try await fixture.redis("XDEL", key, "3-0") }
            }
            let error = await #expect(throws: RedstreamError.self) { try await consumer.runOnce() }
            #expect(error == .entriesDiffer(name))
            #expect(error?.retryAdvice == .retry)
            #expect(try await fixture.offset() == "0-0")
            #expect(try await fixture.holder() == nil)
            try await fixture.add("4", id: "4-0", to: key)
            #expect(try await consumer.runOnce() == .handled(3))
            #expect(try await fixture.offset() == "4-0")
            #expect(handled.values == [["1", "2", "3"], ["1", "2", "4"]])
            #expect(try await consumer.runOnce() == .empty)
        }
    }

    @Test func whatIsDeletedAsAWholeIsCommitted() async throws {
        try await withNamespace { fixture in
            let key = fixture.keys.stream("products")
            try await fixture.add(numbered: 1...3, to: key)
            let consumer = Consumer(fixture.client, stream: "products", name: "indexer") { _ in
                try await fixture.redis("XDEL", key, "1-0", "2-0", "3-0")
            }
            #expect(try await consumer.runOnce() == .handled(3))
            #expect(try await fixture.offset() == "3-0")
        }
    }
}
