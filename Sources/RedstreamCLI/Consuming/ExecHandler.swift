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
        let result = try await run(
            .path("/bin/sh"), arguments: ["-c", command],
            environment: .inherit.updating(Self.environment(of: batch)),
            platformOptions: options, input: .inputWriter, output: .currentStandardOutput,
            error: .currentStandardError
        ) { execution in
            // A command need not read what it is given.
            _ = try? await execution.standardInputWriter.write(input)
            try? await execution.standardInputWriter.finish()
        }
        try Task.checkCancellation()
        guard result.terminationStatus.isSuccess else { throw ExecFailure(status: result.terminationStatus) }
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

/// A handler that did not exit with 0.
struct ExecFailure: Error, CustomStringConvertible {
    let status: TerminationStatus

    var description: String {
        switch status {
        case .exited(let code): "the command exited with \(code)"
        case .signaled(let signal): "the command was killed by signal \(signal)"
        }
    }
}
