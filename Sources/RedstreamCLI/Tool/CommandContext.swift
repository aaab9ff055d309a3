import RedstreamSystem

/// Everything a command touches: handed in, so that tests run commands in process.
public struct CommandContext: Sendable {
    /// The descriptor that records are read from.
    var input: Int32
    /// Data.
    var output: OutputFile
    /// Everything else: reports, progress, errors.
    var console: Console
    var environment: [String: String]
    var inputIsTerminal: Bool
    var outputIsTerminal: Bool
    /// What was asked of the process from outside.
    var signals: SignalMonitor
    /// The session whose server, namespace and connections commands use that name no server; nil at the prompt.
    var session: SessionClient?

    /// The context of this process.
    ///
    /// - Parameter closed: The standard descriptors that were closed when it began.
    /// - Returns: Its descriptors, environment and signals.
    static func process(closed: Set<Int32> = []) -> CommandContext {
        CommandContext(
            input: STDIN_FILENO,
            output: OutputFile(descriptor: STDOUT_FILENO, wasClosed: closed.contains(STDOUT_FILENO)),
            console: Console(descriptor: STDERR_FILENO, isTerminal: isatty(STDERR_FILENO) == 1),
            environment: currentEnvironment(), inputIsTerminal: isatty(STDIN_FILENO) == 1,
            outputIsTerminal: isatty(STDOUT_FILENO) == 1, signals: SignalMonitor.process)
    }

    /// Opens /dev/null for standard descriptors that are closed: else the first pipe or socket of ours would take
    /// their place, and be taken for them.
    ///
    /// - Returns: The descriptors that were closed.
    /// - Throws: `SystemError` if one of them stays closed.
    static func fillStandardDescriptors() throws(SystemError) -> Set<Int32> {
        var closed: Set<Int32> = []
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) == -1 {
            // The lowest free number is given out, which is this one.
            let opened = open("/dev/null", descriptor == STDIN_FILENO ? O_RDONLY : O_WRONLY)
            guard opened == descriptor else { throw SystemError("cannot open /dev/null") }
            closed.insert(descriptor)
        }
        return closed
    }

    /// Refuses to begin where the data would go nowhere.
    ///
    /// - Throws: ``Failure``.
    func requireOutput() throws {
        guard output.wasClosed else { return }
        throw Failure(
            .failed, "standard output is closed, and the data is to go there", hint: "> /dev/null throws it away")
    }

    private static func currentEnvironment() -> [String: String] {
        var environment: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let pair = String(cString: text).split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if pair.count == 2 { environment[String(pair[0])] = String(pair[1]) }
            entry += 1
        }
        return environment
    }
}
