import Redstream

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
