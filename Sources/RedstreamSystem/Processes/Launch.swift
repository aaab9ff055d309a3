/// A program to start, with all that it inherits.
package struct Launch: Sendable {
    /// The variables of a program's environment.
    package enum Variables: Sendable {
        /// Those of this process, some of them changed, or removed by nil.
        case inherited([String: String?])
        /// These and no others.
        case only([String: String])
    }

    /// The process group of a program.
    package enum Group: Sendable {
        /// That of this process: the keys of its terminal reach the program.
        case inherited
        /// One of its own: all that it starts can be signalled with it.
        case own
        /// One of its own, in a session without a terminal.
        case ownSession
    }

    /// A path, or a name to look up in PATH.
    package var program: String
    /// The arguments after the program's name.
    package var arguments: [String]
    package var variables = Variables.inherited([:])
    package var group = Group.inherited
    /// The standard descriptors; nil is /dev/null.
    ///
    /// One of this process has its own place only.
    package var input: Int32? = STDIN_FILENO
    package var output: Int32? = STDOUT_FILENO
    package var error: Int32? = STDERR_FILENO
    /// True if all signals have their default action in the program, those that this process was started with
    /// ignored included.
    package var resetsAllSignals = false

    package init(_ program: String, _ arguments: [String]) {
        self.program = program
        self.arguments = arguments
    }

    /// Starts the program, with these three descriptors and no others.
    ///
    /// - Returns: Its process id.
    /// - Throws: ``SystemError`` if it did not start; nothing of it has run then.
    package func spawn() throws(SystemError) -> pid_t {
        var actions = SpawnActions()
        var attributes = SpawnAttributes()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        addDescriptors(to: &actions)
        setSignals(in: &attributes)
        posix_spawnattr_setflags(&attributes, flags)
        posix_spawnattr_setpgroup(&attributes, 0)
        let words = ([program] + arguments).map { strdup($0) } + [nil]
        let environment = environment + [nil]
        defer { for text in words + environment { free(text) } }
        var processID: pid_t = 0
        let code = posix_spawnp(&processID, program, &actions, &attributes, words, environment)
        guard code == 0 else { throw SystemError("cannot start \(program)", code: code) }
        return processID
    }

    private var flags: Int16 {
        var flags = Int32(POSIX_SPAWN_SETSIGDEF) | Int32(POSIX_SPAWN_SETSIGMASK)
        switch group {
        case .inherited: break
        case .own: flags |= Int32(POSIX_SPAWN_SETPGROUP)
        case .ownSession: flags |= setSession
        }
        #if canImport(Darwin)
        flags |= POSIX_SPAWN_CLOEXEC_DEFAULT
        #endif
        return Int16(flags)
    }

    private func setSignals(in attributes: inout SpawnAttributes) {
        var signals = sigset_t()
        // The threads of the concurrency runtime block all signals.
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        if resetsAllSignals { sigfillset(&signals) }
        for number in Signals.resetInPrograms { sigaddset(&signals, number) }
        posix_spawnattr_setsigdefault(&attributes, &signals)
    }

    /// The variables as `NAME=value`, byte for byte where they are inherited; each is to be freed.
    private var environment: [UnsafeMutablePointer<CChar>?] {
        switch variables {
        case .only(let variables): return variables.map { strdup("\($0)=\($1)") }
        case .inherited(let changes):
            var texts: [UnsafeMutablePointer<CChar>?] = []
            var entry = environ
            while let text = entry.pointee {
                let isChanged = changes.keys.contains { strncmp(text, "\($0)=", $0.utf8.count + 1) == 0 }
                if !isChanged { texts.append(strdup(text)) }
                entry += 1
            }
            return texts + changes.compactMap { name, value in value.map { strdup("\(name)=\($0)") } }
        }
    }

    private func addDescriptors(to actions: inout SpawnActions) {
        for (target, source) in [input, output, error].enumerated() {
            if let source {
                posix_spawn_file_actions_adddup2(&actions, source, Int32(target))
            } else {
                posix_spawn_file_actions_addopen(&actions, Int32(target), "/dev/null", O_RDWR, 0)
            }
        }
        #if !canImport(Darwin)
        closeOthers(&actions, from: 3)
        #endif
    }
}

#if canImport(Darwin)
private typealias SpawnActions = posix_spawn_file_actions_t?
private typealias SpawnAttributes = posix_spawnattr_t?
private let setSession = POSIX_SPAWN_SETSID
#else
private typealias SpawnActions = posix_spawn_file_actions_t
private typealias SpawnAttributes = posix_spawnattr_t
/// POSIX_SPAWN_SETSID, which the headers hide from Swift.
private let setSession: Int32 = 0x80

private typealias CloseFrom = @convention(c) (UnsafeMutablePointer<SpawnActions>, Int32) -> Int32

/// Closes all descriptors from one on in a new program: a connection that a program inherits stays open for it.
private func closeOthers(_ actions: UnsafeMutablePointer<SpawnActions>, from first: Int32) {
    // glibc has had the function since 2.34, and hides it from Swift.
    if let symbol = dlsym(nil, "posix_spawn_file_actions_addclosefrom_np") {
        _ = unsafeBitCast(symbol, to: CloseFrom.self)(actions, first)
        return
    }
    for descriptor in first..<max(first, Int32(clamping: sysconf(Int32(_SC_OPEN_MAX)))) {
        Descriptor.setCloseOnExec(descriptor)
    }
}
#endif
