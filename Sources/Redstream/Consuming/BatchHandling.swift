import Logging
import Metrics
import RedstreamConnection

/// Hands batches to the handler, again and in smaller parts where it fails, as the failure policy says.
struct BatchHandling {
    /// The outcome of a batch.
    enum Outcome: Equatable {
        /// All of it is handled or given up; what is left to commit, nil for nothing.
        case done(StreamID?)
        /// A stop came first; what was handled is committed.
        case stopped
    }

    private let consumer: Consumer
    private let commitStep: CommitStep
    private let stop: StopSignal
    private let progress: ConsumerProgress
    private let metrics: ConsumerMetrics
    private let attempts: StoredAttempts
    private let retries: Retries
    /// The wait between entries that are given up with no success in between: it is more likely that a secondary is
    /// away than that all of them are bad.
    private var pause = Backoff(initial: .milliseconds(200), maximum: .seconds(30))
    private var gaveUpLast = false

    private var client: StreamClient { consumer.client }
    private var policy: FailurePolicy { consumer.options.failurePolicy }

    init(
        _ consumer: Consumer, commitStep: CommitStep, stop: StopSignal, progress: ConsumerProgress,
        metrics: ConsumerMetrics, attempts: StoredAttempts, retries: Retries
    ) {
        self.consumer = consumer
        self.commitStep = commitStep
        self.stop = stop
        self.progress = progress
        self.metrics = metrics
        self.attempts = attempts
        self.retries = retries
    }

    /// Goes through a batch.
    ///
    /// - Parameter messages: The batch, not empty.
    /// - Returns: What is left to commit.
    /// - Throws: `CancellationError`; ``UnretryableHandlerError``; ``HandlerUnavailableError``;
    ///   ``RedstreamError/gaveUp(_:message:attempts:reason:)``; ``RedstreamError/leaseLost``; ``RedstreamError/entriesDiffer(_:)``; `RedisError`, with what is committed then
    ///   committed.
    mutating func handle(_ messages: [Message]) async throws -> Outcome {
        var bisection = BatchBisection(attempts.parts(of: messages), maxAttempts: policy.maxAttempts)
        var backoff = Backoff(initial: .milliseconds(200), maximum: .seconds(30))
        var reason = "no answer: the process that handled it has ended"
        while let step = bisection.next() {
            switch step {
            case .handle(let range, let attempt):
                let part = range.count == messages.count ? messages : Array(messages[range])
                do {
                    try await call(part, attempt: attempt)
                } catch let failure as ClosureError where !failure.isNoMessagesFault {
                    reason = "\(failure.underlying)"
                    guard try await again(part, attempt, reason, bisection.failed() ? backoff.nextDelay() : nil)
                    else { return .stopped }
                    continue
                }
                bisection.settled()
                backoff.reset()
                pause.reset()
                gaveUpLast = false
                progress.handled(part)
                if bisection.isDone { return .done(part.last?.id) }
                try await commit(part)
            case .giveUp(let position, let attempts):
                if gaveUpLast { try await stop.sleep(for: pause.nextDelay()) }
                guard !stop.isStopping else { return .stopped }
                try await giveUp(messages[position], attempts, reason)
                gaveUpLast = true
                bisection.settled()
            }
            if stop.isStopping, !bisection.isDone { return .stopped }
        }
        return .done(nil)
    }

    /// Calls the handler once.
    ///
    /// - Throws: ``ClosureError`` with the handler's error; `CancellationError`; as the count of attempts.
    private func call(_ part: [Message], attempt: Int) async throws {
        try await begin(part, attempt: attempt)
        do {
            try await metrics.timed(part) {
                try await consumer.handle(Batch(consumer: consumer.name, messages: part, attempt: attempt))
            }
        } catch let error as ClosureError where error.isNoMessagesFault {
            // However often it is tried again, no message is given up for it.
            try? await begin(part, attempt: attempt - 1, isAlone: false)
            throw error
        } catch {
            try Task.checkCancellation()
            throw error
        }
        try Task.checkCancellation()
    }

    /// Counts an attempt on the server, where attempts have a bound.
    private func begin(_ part: [Message], attempt: Int, isAlone: Bool? = nil) async throws {
        guard policy.maxAttempts != nil, let last = part.last?.id.description else { return }
        retries.tries(.attempt)
        let keys = [commitStep.lease.lock.key, client.keys.attempts(consumer.name)]
        let alone = isAlone ?? (part.count == 1) ? last : ""
        let arguments: [any RedisArgument] = [commitStep.lease.holder, last, attempt, alone]
        let reply = try await client.pool.withConnection(for: commitStep.lease.lock.key) {
            try await $0.run(FailureScripts.begin, keys: keys, arguments: arguments)
        }
        retries.succeeded(.attempt)
        try commitStep.check(reply)
    }

    /// Says that a try failed and waits before the next; false where a stop came.
    private func again(_ part: [Message], _ attempt: Int, _ reason: String, _ delay: Duration?) async throws -> Bool {
        guard !stop.isStopping else { return false }
        let what = part.count.counted("message", "messages")
        let next =
            delay.map { "; retrying in \($0.shortText)" } ?? (part.count > 1 ? "; splitting the batch" : "")
        client.logger.error(
            "\(consumer.name.stream), \(consumer.name.name): attempt \(attempt) failed (\(what) from \(part[0].id)): \(reason)\(next)"
        )
        if let delay { try await stop.sleep(for: delay) }
        return !stop.isStopping
    }

    private func commit(_ part: [Message]) async throws {
        guard let last = part.last else { return }
        retries.tries(.commit)
        let step = commitStep
        try step.check(
            try await client.pool.withConnection(for: step.lease.lock.key) { try await step.run(last, on: $0) })
        retries.succeeded(.commit)
        metrics.commits.increment()
        progress.committed()
    }

    private func giveUp(_ message: Message, _ attempts: Int, _ reason: String) async throws {
        retries.tries(.giveUp)
        let step = commitStep
        let name = consumer.name
        let tried = attempts.counted("attempt", "attempts")
        let what = "\(name.stream), \(name.name): message \(message.id) failed on its own after \(tried)"
        switch policy.lastResort {
        case .stop:
            // Whoever starts it again has mended something, or wants to see: one more try.
            try await begin([message], attempt: attempts, isAlone: false)
            throw RedstreamError.gaveUp(name, message: message.id, attempts: attempts, reason: reason)
        case .skip:
            let lock = step.lease.lock.key
            try step.check(try await client.pool.withConnection(for: lock) { try await step.run(message, on: $0) })
            metrics.skipped.increment()
            client.logger.warning("\(what): skipped")
        case .deadLetter where message.fieldCount > Self.fieldLimit:
            let why = "it has \(message.fieldCount.grouped) fields, too many for a dead letter; \(reason)"
            throw RedstreamError.gaveUp(name, message: message.id, attempts: attempts, reason: why)
        case .deadLetter:
            let reason = String(decoding: reason.utf8.prefix(Self.reasonLimit), as: UTF8.self)
            try step.check(
                try await client.pool.withConnection(for: step.lease.lock.key) {
                    try await step.run(deadLetter: message, reason: reason, attempts: attempts, on: $0)
                })
            metrics.deadLetters.increment()
            client.logger.warning("\(what): moved to dead letters")
        }
        retries.succeeded(.giveUp)
        metrics.commits.increment()
        progress.handled([message])
        progress.committed()
    }

    /// The most fields of a dead letter: a script can pass on some 8,000 arguments.
    private static let fieldLimit = 3_900
    /// The most bytes of an error that a dead letter keeps.
    private static let reasonLimit = 1000
}
