import Redstream
import Subprocess
import SystemPackage

/// Hands each batch to a command: JSON lines on its standard input, the rest in its environment.
///
/// The command runs in a process group of its own, so that Ctrl-C at the terminal does not reach it, and all that it
/// started can be killed with it. Exit 0 means done.
struct ExecHandler: Sendable {
    let command: String
    let records: RecordJSON
    /// How long it may take; nil for as long as it likes.
    var timeout: Duration?

    /// Runs the command once.
    ///
    /// When the task is cancelled, because the lease was lost or the grace is over, the whole process group is killed.
    ///
    /// - Throws: ``ExecFailure``.
    func callAsFunction(_ batch: Batch) async throws {
        var lines: [UInt8] = []
        for message in batch.messages { records.append(message, to: &lines) }
        let input = lines
        var options = PlatformOptions()
        options.processGroupID = 0
        options.teardownSequence = [
            .send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .seconds(1))
        ]
        let group = CommandGroup()
        let platformOptions = options
        let status = try await withThrowingTaskGroup(of: TerminationStatus?.self) { tasks in
            tasks.addTask {
                defer { group.ended() }
                return try await run(
                    .path("/bin/sh"), arguments: ["-c", command],
                    environment: .inherit.updating(Self.environment(of: batch)),
                    platformOptions: platformOptions, input: .inputWriter, output: .currentStandardOutput,
                    error: .currentStandardError
                ) { execution in
                    group.began(execution.processIdentifier.value)
                    // A command need not read what it is given.
                    _ = try? await execution.standardInputWriter.write(input)
                    try? await execution.standardInputWriter.finish()
                }.terminationStatus
            }
            if let timeout {
                tasks.addTask {
                    try? await group.end(after: timeout)
                    return nil
                }
            }
            defer { tasks.cancelAll() }
            while let status = try await tasks.next() {
                if let status { return status }
            }
            throw CancellationError()
        }
        try Task.checkCancellation()
        if let timeout, group.hasTimedOut { throw ExecFailure.timedOut(timeout) }
        guard status.isSuccess else { throw ExecFailure.ended(status) }
    }

    private static func environment(of batch: Batch) -> [Environment.Key: String?] {
        [
            "REDSTREAM_STREAM": batch.consumer.stream, "REDSTREAM_CONSUMER": batch.consumer.name,
            "REDSTREAM_FIRST_ID": batch.messages.first?.id.description,
            "REDSTREAM_LAST_ID": batch.messages.last?.id.description,
            "REDSTREAM_COUNT": "\(batch.messages.count)", "REDSTREAM_ATTEMPT": "\(batch.attempt)",
        ]
    }
}

/// A handler that did not exit with 0, or not in time.
enum ExecFailure: Error, CustomStringConvertible {
    case ended(TerminationStatus)
    case timedOut(Duration)

    /// Whether a command was not found, or may not be run, as a shell tells by these two codes.
    var isOfCommand: Bool {
        if case .ended(.exited(let code)) = self { code == 126 || code == 127 } else { false }
    }

    var description: String {
        switch self {
        case .ended(.exited(let code)) where isOfCommand:
            "exit \(code): the command \(code == 127 ? "was not found" : "cannot be run")"
        case .ended(.exited(let code)): "exit \(code)"
        case .ended(.signaled(let signal)): "the command was killed by signal \(signal)"
        case .timedOut(let limit): "the command did not end within \(limit.shortText)"
        }
    }
}
