import Redstream
import TestSupport

struct Bad: Error, CustomStringConvertible {
    let description = "it is bad"
}

/// A consumer that fails for some payloads, and notes what it is handed.
func failingConsumer(
    _ fixture: Fixture, bad: Set<String>, _ policy: FailurePolicy, batchSize: Int = 1000, count: Int? = nil,
    calls: Recorder<[String]> = Recorder(), attempts: Recorder<Int> = Recorder(),
    handled: Recorder<String> = Recorder()
) -> Consumer {
    let options = Consumer.Options(
        batchSize: batchSize, limits: .init(count: count), failurePolicy: policy)
    return Consumer(fixture.client, stream: "products", name: "indexer", options: options) { batch in
        let payloads = batch.messages.map(\.text)
        calls.note(payloads)
        attempts.note(batch.attempt)
        if payloads.contains(where: bad.contains) { throw Bad() }
        handled.note(contentsOf: payloads)
    }
}
