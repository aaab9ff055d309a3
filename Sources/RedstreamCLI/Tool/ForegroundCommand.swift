import RedstreamSystem
import Subprocess
import Synchronization
import SystemPackage

/// A command that runs in our place for a while: our terminal and our output are its own.
struct ForegroundCommand: Sendable {
    let executable: Executable
    let arguments: [String]
    var environment: [Environment.Key: String?] = [:]
    /// Whether it reads our standard input; otherwise it reads nothing.
    var inheritsInput = true

    /// Runs the command to its end.
    ///
    /// Ctrl-C at the terminal reaches it by itself; SIGTERM is passed on. What signals mean is the command's matter, until
    /// ``SignalMonitor/takeBack()``.
    ///
    /// - Throws: `SubprocessError` where it cannot be started.
    func run(in context: CommandContext) async throws -> TerminationStatus {
        context.signals.leaveToCommand()
        let process = RunningProcess()
        return try await withThrowingTaskGroup(of: TerminationStatus?.self) { tasks in
            tasks.addTask { try await run { process.begin($0, signals: context.signals) } }
            tasks.addTask {
                var number = 1
                while let request = await context.signals.request(number) {
                    number += 1
                    process.pass(request)
                }
                return nil
            }
            defer { tasks.cancelAll() }
            while let status = try await tasks.next() {
                if let status { return status }
            }
            throw CancellationError()
        }
    }

    private func run(_ began: @escaping @Sendable (pid_t) -> Void) async throws -> TerminationStatus {
        let environment = Environment.inherit.updating(environment)
        let arguments = Arguments(arguments)
        if inheritsInput {
            return try await Subprocess.run(
                executable, arguments: arguments, environment: environment, input: .currentStandardInput,
                output: .currentStandardOutput, error: .currentStandardError
            ) { began($0.processIdentifier.value) }.terminationStatus
        }
        return try await Subprocess.run(
            executable, arguments: arguments, environment: environment, input: .none,
            output: .currentStandardOutput, error: .currentStandardError
        ) { began($0.processIdentifier.value) }.terminationStatus
    }
}

/// The process of the command, once it runs.
private final class RunningProcess: Sendable {
    private let id = Atomic<pid_t>(0)

    func begin(_ id: pid_t, signals: SignalMonitor) {
        self.id.store(id, ordering: .sequentiallyConsistent)
        // It may have come before there was anybody to pass it on to.
        if let first = signals.first { pass(first) }
    }

    func pass(_ request: StopRequest) {
        let id = id.load(ordering: .sequentiallyConsistent)
        if request == .terminate, id > 0 { kill(id, SIGTERM) }
    }
}

extension ExitCode {
    /// The status as a shell has it: 128 and the signal for a command that was killed.
    init(_ status: TerminationStatus) {
        switch status {
        case .exited(let code): self.init(rawValue: Int32(code))
        case .signaled(let signal): self.init(rawValue: 128 + Int32(signal))
        }
    }
}
