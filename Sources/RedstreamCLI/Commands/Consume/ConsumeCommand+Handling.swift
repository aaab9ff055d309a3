import Redstream
import Synchronization

extension ConsumeCommand {
    /// Returns the options of the consumer.
    func options(_ plan: ReadPlan) -> Consumer.Options {
        Consumer.Options(
            batchSize: batchSize, start: plan.start, limits: plan.limits, standsBy: !noWait, retryLimit: retryLimit,
            failurePolicy: failure.policy)
    }

    /// Handles batches of any stream by the command of --exec, or by writing them.
    func handler(in context: CommandContext) -> Consumer.Handler {
        if let exec {
            return { batch in
                let records = RecordJSON(stream: batch.consumer.stream, payloadAsString: payloadAsString)
                do {
                    try await ExecHandler(command: exec, records: records, timeout: failure.timeout?.duration)(batch)
                } catch let error as ExecFailure where error.isOfCommand && failure.maxAttempts != nil {
                    // No message is to blame, and none may be put aside for it.
                    throw UnretryableHandlerError(error)
                }
            }
        }
        let write = writer(in: context)
        return { batch in try await write(batch.consumer.stream, batch.messages) }
    }

    /// Writes the messages of any stream.
    func writer(in context: CommandContext) -> @Sendable (_ stream: String, [Message]) async throws -> Void {
        // Batches of several shards are written at a time.
        let output = SerialWriter(context.output)
        let format = self.output ?? (context.outputIsTerminal && !payloadAsString ? .text : .json)
        return { stream, messages in
            let writer = RecordWriter(
                format: format, records: RecordJSON(stream: stream, payloadAsString: payloadAsString),
                isForTerminal: context.outputIsTerminal, label: shards.map { _ in stream })
            var lines: [UInt8] = []
            lines.reserveCapacity(messages.count * 96)
            for message in messages { writer.append(message, to: &lines) }
            do {
                try await output.write(lines)
            } catch let error as OutputError {
                // Calling the handler again would not bring the reader back.
                throw UnretryableHandlerError(error)
            }
        }
    }
}

/// Lets one task at a time write what belongs together, in the order in which they came.
///
/// A write to a slow reader suspends, and another task's lines must not come between.
final class SerialWriter: Sendable {
    private struct State {
        var isBusy = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let output: OutputFile
    private let state = Mutex(State())

    init(_ output: OutputFile) {
        self.output = output
    }

    /// Writes bytes once those before are written.
    ///
    /// - Throws: ``OutputError``; `CancellationError`.
    func write(_ bytes: [UInt8]) async throws {
        await begin()
        defer { end() }
        try await output.write(bytes)
    }

    /// Whoever is before ends soon, also when cancelled; so the wait itself need not be cut short.
    private func begin() async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                if state.isBusy {
                    state.waiting.append(continuation)
                    return false
                }
                state.isBusy = true
                return true
            }
            if isFree { continuation.resume() }
        }
    }

    private func end() {
        let next: CheckedContinuation<Void, Never>? = state.withLock { state in
            if state.waiting.isEmpty {
                state.isBusy = false
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.resume()
    }
}
