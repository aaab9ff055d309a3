import RedstreamConnection
import RedstreamSystem
import Synchronization

/// Everything a command touches: handed in, so that tests run commands in process.
public struct CommandContext: Sendable {
    /// The descriptor that records are read from.
    var input: Int32
    /// Data.
    var output: OutputFile
    /// Everything else: reports, progress, errors.
    var console: Console
    var environment: [String: String]
    /// The variables that are not UTF-8, and so have no value in ``environment``.
    var unreadableVariables: Set<String> = []
    var inputIsTerminal: Bool
    var outputIsTerminal: Bool
    /// The signals that the process got from outside.
    var signals: SignalMonitor
    /// The passwords that the command has read.
    var passwords = ReadPasswords()
    /// The session whose server, namespace and connections commands use that name no server; nil at the prompt.
    var session: SessionClient?

    /// The context of this process.
    ///
    /// - Parameter closed: The standard descriptors that were closed when it began.
    /// - Returns: Its descriptors, environment and signals.
    static func process(closed: Set<Int32> = []) -> CommandContext {
        let (environment, unreadable) = currentEnvironment()
        return CommandContext(
            input: STDIN_FILENO,
            output: OutputFile(descriptor: STDOUT_FILENO, wasClosed: closed.contains(STDOUT_FILENO)),
            console: Console(descriptor: STDERR_FILENO, isTerminal: isatty(STDERR_FILENO) == 1),
            environment: environment, unreadableVariables: unreadable, inputIsTerminal: isatty(STDIN_FILENO) == 1,
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

    /// The variables of this process.
    ///
    /// One that is not UTF-8 is left out: repaired, it would name another file, or another namespace.
    private static func currentEnvironment() -> (variables: [String: String], unreadable: Set<String>) {
        var variables: [String: String] = [:]
        var unreadable: Set<String> = []
        var entry = environ
        while let text = entry.pointee {
            entry += 1
            let bytes = UnsafeRawBufferPointer(start: text, count: strlen(text))
            guard let equals = bytes.firstIndex(of: UInt8(ascii: "=")) else { continue }
            let name = String(decoding: bytes[..<equals], as: UTF8.self)
            if let value = String(validating: bytes[(equals + 1)...], as: UTF8.self) {
                variables[name] = value
            } else {
                unreadable.insert(name)
            }
        }
        return (variables, unreadable)
    }

    /// Returns the value of a variable; nil if it is not set.
    ///
    /// - Throws: ``Failure`` for one that is not UTF-8.
    func variable(_ name: String) throws(Failure) -> String? {
        guard !unreadableVariables.contains(name) else {
            throw Failure(
                .usage, "the variable \(name) is not UTF-8",
                hint: "in a name, write each byte that is not as an escape, such as \\xe9")
        }
        return environment[name]
    }
}

/// The passwords that a command has read from files, so that each file is read once: a pipe has its password only once.
final class ReadPasswords: Sendable {
    private let outcomes = Mutex<[String: Result<Secret, any Error>]>([:])

    /// Returns the password of a file, which a closure reads if nobody has.
    ///
    /// - Throws: What `read` throws, also for each further call.
    func password(of file: String, _ read: () throws -> Secret) throws -> Secret {
        if let outcome = outcomes.withLock({ $0[file] }) { return try outcome.get() }
        let outcome = Result { try read() }
        outcomes.withLock { $0[file] = outcome }
        return try outcome.get()
    }
}
