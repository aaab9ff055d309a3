package import RedstreamSystem
import Synchronization

/// A program that a test started: it can be signalled until it has been reaped, and never after.
package final class ChildProcess: Sendable {
    /// How a program ended.
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

    /// How the program ended, or nil while it runs.
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
        #if canImport(Glibc)
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        #else
        var actions: posix_spawn_file_actions_t?
        var attributes: posix_spawnattr_t?
        #endif
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        for (target, descriptor) in descriptors.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(target))
        }
        var flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
        #if canImport(Glibc)
        closeOthers(&actions, 3)
        // POSIX_SPAWN_SETSID, which glibc hides from Swift.
        flags |= 0x80
        #else
        flags |= POSIX_SPAWN_CLOEXEC_DEFAULT | POSIX_SPAWN_SETSID
        #endif
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(flags))

        let words = ([program] + arguments).map { strdup($0) } + [nil]
        let variables = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { for text in words + variables { free(text) } }
        var processID: pid_t = 0
        let code = posix_spawnp(&processID, program, &actions, &attributes, words, variables)
        guard code == 0 else { throw SystemError("starting \(program)", code: code) }
        return ChildProcess(processID: processID)
    }
}

#if canImport(Glibc)
private typealias CloseFrom =
    @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32

/// Closes all descriptors from one on in a new program: a connection that a child inherits stays open for it.
private func closeOthers(_ actions: UnsafeMutablePointer<posix_spawn_file_actions_t>, _ first: Int32) {
    // glibc has had the function since 2.34, and hides it from Swift.
    guard let symbol = dlsym(nil, "posix_spawn_file_actions_addclosefrom_np") else { return }
    _ = unsafeBitCast(symbol, to: CloseFrom.self)(actions, first)
}
#endif

private func sendSignal(_ processID: pid_t, _ number: Int32) -> Int32 {
    kill(processID, number)
}

/// The environments of programs that tests start.
package enum ProcessEnvironment {
    /// What any program needs, and nothing that says where a Redis server is.
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
