import Redstream
import RedstreamSystem

/// Hands each batch to a command: JSON lines on its standard input, the rest in its environment.
///
/// The command runs in a process group of its own, so that Ctrl-C at the terminal does not reach it, and all that it
/// started can be killed with it. Exit 0 means done.
struct ExecHandler: Sendable {
    /// The time that a command may take to end by itself once it was asked to.
    private static let patience = Duration.seconds(2)

    let command: String
    let records: RecordJSON
    /// The time that it may take; nil for as long as it likes.
    var timeout: Duration?

    private enum Event {
        case ended(Program.Status)
        case failed(ExecFailure)
        case passed
    }

    /// Runs the command once.
    ///
    /// When the task is cancelled, because the lease was lost or the grace is over, the whole process group is killed.
    ///
    /// - Throws: ``ExecFailure``; `HandlerUnavailableError` or `UnretryableHandlerError` if the command could not be
    ///   started, which is no message's fault.
    func callAsFunction(_ batch: Batch) async throws {
        var lines: [UInt8] = []
        for message in batch.messages { records.append(message, to: &lines) }
        let (stops, stop) = AsyncStream<Int32>.makeStream()
        let program = try await start(batch, lines) { stop.yield($0) }
        let (status, failure) = await withTaskCancellationHandler {
            await end(of: program, stops)
        } onCancel: {
            program.signal(SIGKILL)
        }
        try Task.checkCancellation()
        if let failure { throw failure }
        guard status.isSuccess else { throw ExecFailure.ended(status) }
    }

    private func start(
        _ batch: Batch, _ lines: [UInt8], onStop: @escaping @Sendable (Int32) -> Void
    ) async throws -> Program {
        var launch = Launch("/bin/sh", ["-c", command])
        launch.group = .own
        launch.variables = .inherited(Self.environment(of: batch))
        do {
            return try await Program.start(launch, input: lines, onStop: onStop)
        } catch  where error.isLackOfResources {
            throw HandlerUnavailableError(error)
        } catch {
            throw UnretryableHandlerError(error)
        }
    }

    /// Waits for the end of the command, and brings it about if the command takes too long or waits for a terminal.
    ///
    /// - Returns: How it ended, and the reason if it had to be ended.
    private func end(of program: Program, _ stops: AsyncStream<Int32>) async -> (Program.Status, ExecFailure?) {
        await withTaskGroup(of: Event.self) { tasks in
            tasks.addTask { .ended(await program.ended()) }
            tasks.addTask {
                for await signal in stops where [SIGTTIN, SIGTTOU].contains(signal) { return .failed(.stopped(signal)) }
                return .passed
            }
            if let timeout {
                tasks.addTask {
                    do { try await Timer.sleep(for: timeout) } catch { return .passed }
                    return .failed(.timedOut(timeout))
                }
            }
            var failure: ExecFailure?
            while let event = await tasks.next() {
                switch event {
                case .ended(let status):
                    tasks.cancelAll()
                    return (status, failure)
                case .failed(let reason) where failure == nil:
                    failure = reason
                    tasks.addTask {
                        await program.end(within: Self.patience)
                        return .passed
                    }
                case .failed, .passed: break
                }
            }
            return (await program.ended(), failure)
        }
    }

    private static func environment(of batch: Batch) -> [String: String?] {
        [
            "REDSTREAM_STREAM": batch.consumer.stream, "REDSTREAM_CONSUMER": batch.consumer.name,
            "REDSTREAM_FIRST_ID": batch.messages.first?.id.description,
            "REDSTREAM_LAST_ID": batch.messages.last?.id.description,
            "REDSTREAM_COUNT": "\(batch.messages.count)", "REDSTREAM_ATTEMPT": "\(batch.attempt)",
        ]
    }
}

/// A handler that did not exit with 0, or not in time.
enum ExecFailure: FailureConvertible, CustomStringConvertible {
    case ended(Program.Status)
    case timedOut(Duration)
    /// A signal stopped it that comes of using a terminal in the background.
    case stopped(Int32)

    /// True if a command was not found, or may not be run, as a shell tells by these two codes.
    var isOfCommand: Bool {
        if case .ended(let status) = self { ExitCode(status).isOfMissingCommand } else { false }
    }

    func failure(while action: String) -> Failure {
        Failure(.failed, "\(action): \(self)", hint: "see --exec; nothing of the batch is committed")
    }

    var description: String {
        switch self {
        case .ended(.exited(let code)) where isOfCommand:
            "exit \(code): the command \(code == 127 ? "was not found" : "cannot be run")"
        case .ended(.exited(let code)): "exit \(code)"
        case .ended(.signaled(let signal)): "the command was killed by signal \(signal)"
        case .timedOut(let limit): "the command did not end within \(limit.shortText)"
        case .stopped(SIGTTIN): "the command was stopped (SIGTTIN): it cannot read the terminal from the background"
        case .stopped: "the command was stopped (SIGTTOU): it cannot write to the terminal from the background"
        }
    }
}
