import RedstreamSystem

/// A command that runs in our place for a while: our terminal and our output are its own.
struct ForegroundCommand: Sendable {
    let launch: Launch

    /// Runs the command to its end.
    ///
    /// Ctrl-C at the terminal reaches it by itself; SIGTERM and SIGHUP are passed on. What signals mean is the command's
    /// matter, until ``SignalMonitor/takeBack()``.
    ///
    /// - Throws: `SystemError` if it cannot be started.
    func run(in context: CommandContext) async throws -> Program.Status {
        context.signals.leaveToCommand()
        let program = try await Program.start(launch)
        return await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                // One may have come before there was anybody to pass it on to.
                var number = 1
                while let request = await context.signals.request(number) {
                    number += 1
                    if let signal = request.passedOn { program.signal(signal) }
                }
            }
            defer { tasks.cancelAll() }
            return await program.endedOrKilled()
        }
    }
}

extension Program {
    /// Waits for the end, and brings it about if the task is cancelled.
    func endedOrKilled() async -> Status {
        await withTaskCancellationHandler {
            await ended()
        } onCancel: {
            signal(SIGKILL)
        }
    }
}

extension StopRequest {
    /// The signal that a command in the foreground gets from us; nil for the one that it gets from the terminal.
    fileprivate var passedOn: Int32? {
        switch self {
        case .interrupt: nil
        case .terminate: SIGTERM
        case .hangUp: SIGHUP
        }
    }
}

extension ExitCode {
    /// The status as a shell has it: 128 and the signal for a command that was killed.
    init(_ status: Program.Status) {
        switch status {
        case .exited(let code): self.init(rawValue: code)
        case .signaled(let signal): self.init(rawValue: 128 + signal)
        }
    }

    /// True if a command of /bin/sh was not found, or is not executable.
    var isOfMissingCommand: Bool { rawValue == 126 || rawValue == 127 }

    /// True if the user ended a command, or its output was read no more.
    var isOfUser: Bool { [SIGINT, SIGQUIT, SIGPIPE].contains(rawValue - 128) }

    /// The status in words, behind the name of a command.
    var ending: String {
        switch rawValue {
        case 126: "is not executable"
        case 127: "was not found"
        case 129...: "was killed by signal \(rawValue - 128)"
        default: "exited with \(rawValue)"
        }
    }
}
