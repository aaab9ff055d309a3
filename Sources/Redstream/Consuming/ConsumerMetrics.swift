import Metrics

/// The counters and timers of a consumer, by stream and consumer.
struct ConsumerMetrics: Sendable {
    let commits: Counter
    let skipped: Counter
    let deadLetters: Counter
    private let messages: Counter
    private let failures: Counter
    private let duration: Metrics.Timer

    init(_ name: ConsumerName) {
        let dimensions = [("stream", name.stream), ("consumer", name.name)]
        commits = Counter(label: "redstream_commits_total", dimensions: dimensions)
        skipped = Counter(label: "redstream_messages_skipped_total", dimensions: dimensions)
        deadLetters = Counter(label: "redstream_dead_letters_total", dimensions: dimensions)
        messages = Counter(label: "redstream_messages_handled_total", dimensions: dimensions)
        failures = Counter(label: "redstream_handler_failures_total", dimensions: dimensions)
        duration = Metrics.Timer(label: "redstream_handler_duration", dimensions: dimensions)
    }

    /// Times a handler and counts its messages, or its failure.
    func timed(_ batch: [Message], _ body: () async throws -> Void) async throws {
        let start = ContinuousClock.now
        do {
            try await body()
            messages.increment(by: batch.count)
        } catch {
            failures.increment()
            throw error
        }
        duration.recordNanoseconds(Int64(start.duration(to: .now) / .nanoseconds(1)))
    }
}
