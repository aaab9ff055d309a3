package import RedstreamSystem
import Synchronization

/// A program that a test started: it can be signalled until it has been reaped, and never after.
package final class ChildProcess: Sendable {
    /// The end of a program.
    package enum Exit: Sendable, Equatable {
        /// It ended by itself, with this status.
        case status(Int32)
        /// A signal ended it.
        case signal(Int32)
    }

    /// The process id, also after the end.
    package let processID: pid_t
    private let state = Mutex<Exit?>(nil)

    private init(processID: pid_t) {
        self.processID = processID
    }

    /// Starts a program in a session of its own, with the three descriptors and no others.
    ///
    /// `program` is a path, or a name to be looked for in PATH; `environment` is the whole environment.
    package static func start(
        _ program: String, _ arguments: [String], environment: [String: String] = ProcessEnvironment.minimal,
        input: Int32, output: Int32, error: Int32
    ) throws -> ChildProcess {
        let child = try spawn(program, arguments, environment, [input, output, error])
        Undertaker.shared.watch(child.processID)
        try startThread { child.reap() }
        return child
    }

    /// The end of the program; nil while it runs.
    package var exit: Exit? { state.withLock { $0 } }

    /// Sends a signal; does nothing once the program has ended.
    package func signal(_ number: Int32) {
        state.withLock {
            if $0 == nil { _ = sendSignal(processID, number) }
        }
    }

    /// Waits for the end.
    ///
    /// - Throws: ``NotInTime`` where it does not come; the program runs on then.
    @discardableResult
    package func waitForExit(within limit: Duration = .seconds(20)) async throws -> Exit {
        try await eventually("process \(processID) has ended", within: limit) { self.exit }
    }

    private func reap() {
        var information = siginfo_t()
        // It stays a zombie until the state says so: its number cannot be given to another process meanwhile.
        while waitid(P_PID, id_t(processID), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        Undertaker.shared.forget(processID)
        state.withLock {
            var status: Int32 = 0
            while waitpid(processID, &status, 0) < 0, errno == EINTR {}
            $0 = status & 0x7f == 0 ? .status(status >> 8 & 0xff) : .signal(status & 0x7f)
        }
    }
}

extension ChildProcess {
    /// Starts a program without registering it, for the one that cleans up after all others.
    static func spawn(
        _ program: String, _ arguments: [String], _ environment: [String: String], _ descriptors: [Int32]
    ) throws -> ChildProcess {
        var launch = Launch(program, arguments)
        launch.variables = .only(environment)
        launch.group = .ownSession
        launch.resetsAllSignals = true
        (launch.input, launch.output, launch.error) = (descriptors[0], descriptors[1], descriptors[2])
        return ChildProcess(processID: try launch.spawn())
    }
}

private func sendSignal(_ processID: pid_t, _ number: Int32) -> Int32 {
    kill(processID, number)
}

/// The environments of programs that tests start.
package enum ProcessEnvironment {
    /// The environment that any program needs; it names no Redis server.
    package static var minimal: [String: String] {
        // Nobody can make a folder there, root neither: nothing is left behind by a program that keeps something at home.
        var environment = ["LC_ALL": "C.UTF-8", "HOME": "/dev/null"]
        // A program under a sanitizer reports where the tests do: `make sanitize` looks there.
        let sanitizers = ["TSAN_OPTIONS", "ASAN_OPTIONS", "LSAN_OPTIONS"]
        for name in ["PATH", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"] + sanitizers {
            if let value = getenv(name) { environment[name] = String(cString: value) }
        }
        return environment
    }
}
