import Redstream
import RedstreamConnection
import TestSupport
import Testing

/// Tests that counters count everything that was written, even if something else failed.
@Suite(.timeLimit(.minutes(3))) struct ProducedCountTests {
    private let wait = Producer.ReplicaWait(replicas: 1, timeout: .milliseconds(10))

    /// A stream of this test alone, since counters are those of the whole process.
    private func withStream(_ body: (Fixture, _ stream: String) async throws -> Void) async throws {
        _ = Measured.metrics
        try await withNamespace { fixture in try await body(fixture, fixture.namespace) }
    }

    private func produced(_ stream: String) -> Int64 {
        Measured.total("redstream_messages_produced_total", stream: stream)
    }

    @Test func messagesThatTooFewReplicasHaveAreCounted() async throws {
        try await withStream { fixture, stream in
            let producer = Producer(fixture.client, waitingFor: wait)
            await #expect(throws: RedstreamError.self) {
                try await producer.queue(OutgoingMessage.numbered(1...1001), on: stream)
            }
            #expect(produced(stream) == 1001)
            #expect(throws: RedstreamError.self) {
                try BlockingProducer(producer).append(
                    OutgoingMessage.numbered(1...3), to: stream, .stream, within: .seconds(20))
            }
            #expect(produced(stream) == 1004)
        }
    }

    @Test func messagesBesideARefusedOneAreCounted() async throws {
        try await withStream { fixture, stream in
            let ids: [UInt64] = [5, 3, 7]
            let messages = ids.map { id in
                OutgoingMessage(
                    fields: [.init(name: Array("a".utf8)[...], value: [])], id: StreamID(milliseconds: id))
            }
            let error = await #expect(throws: RedisError.self) {
                try await Producer(fixture.client).queue(messages, on: stream)
            }
            #expect(error?.reason.contains("equal or smaller") == true)
            #expect(produced(stream) == 2)
        }
    }

    @Test func entriesThatWereMovedBeforeAReportFailedAreCounted() async throws {
        struct Refused: Error {}
        try await withStream { fixture, stream in
            try await fixture.add(numbered: 1...3, to: fixture.keys.delayStream(stream))
            let delayer = Delayer(fixture.client, stream: stream, delay: .seconds(1)) { _ in throw Refused() }
            await #expect(throws: Refused.self) { try await delayer.run() }
            #expect(Measured.total("redstream_messages_delayed_total", stream: stream) == 3)
        }
    }

    @Test func entriesThatWereTrimmedBeforeAnErrorAreCounted() async throws {
        try await withStream { fixture, stream in
            try await fixture.add(numbered: 1...6, to: fixture.keys.stream(stream))
            for name in ["a", "b"] { try await fixture.gem.commit("3-0", of: name, on: stream) }
            let steps = Recorder<Int>()
            let trimmer = Trimmer(
                fixture.client, streams: .named([stream]), policy: TrimPolicy(expiry: .seconds(1)),
                progress: { count in
                    // The second stage meets no task that goes on.
                    if steps.note(count) == 1 { withUnsafeCurrentTask { $0?.cancel() } }
                })
            await #expect(throws: CancellationError.self) { try await trimmer.runOnce() }
            #expect(Measured.total("redstream_messages_trimmed_total", stream: stream) == 3)
        }
    }
}
