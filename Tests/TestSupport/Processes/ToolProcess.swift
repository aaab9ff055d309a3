import RedstreamSystem
import Synchronization

/// The built `redstream` executable, running as its users run it.
///
/// ```swift
/// let result = try await ToolProcess.run(["--version"])
/// #expect(result.exit == .status(0))
/// ```
package final class ToolProcess: Sendable {
    /// The program's standard input.
    package enum Input: Sendable {
        /// The end of a file.
        case nothing
        /// These bytes, then the end.
        case bytes([UInt8])
        /// This text, then the end.
        case text(String)
        /// A pipe that the test writes to and closes: ``ToolProcess/write(_:)``, ``ToolProcess/closeInput()``.
        case pipe
        /// A pipe of which reads do not wait: ``ToolProcess/write(_:)``, ``ToolProcess/closeInput()``.
        case nonBlockingPipe
    }

    /// All that a program left behind.
    package struct Result: Sendable {
        /// The program's end.
        package let exit: ChildProcess.Exit
        /// The text on standard output.
        package let output: String
        /// The text on standard error.
        package let errors: String
        /// Standard output as bytes.
        package let outputBytes: [UInt8]

        /// The lines of standard output.
        package var lines: [String] { output.split(separator: "\n").map(String.init) }
    }

    private let child: ChildProcess
    private let output = OutputCollector()
    private let errors = OutputCollector()
    private let input: Mutex<Int32?>
    private let writer = WorkerThread()

    /// Starts the tool, or another program in its place, such as a shell around it.
    ///
    /// `environment` is added to ``ProcessEnvironment/minimal``.
    package init(
        _ arguments: [String], environment: [String: String] = [:], input: Input = .nothing,
        program: String? = nil
    ) throws {
        let standardInput = try Descriptor.pipe()
        let standardOutput = try Descriptor.pipe()
        let standardError = try Descriptor.pipe()
        defer {
            close(standardInput.readEnd)
            close(standardOutput.writeEnd)
            close(standardError.writeEnd)
        }
        if case .nonBlockingPipe = input { Descriptor.setNonBlocking(standardInput.readEnd) }
        let variables = ProcessEnvironment.minimal.merging(environment) { $1 }
        child = try ChildProcess.start(
            program ?? Self.executable, arguments, environment: variables, input: standardInput.readEnd,
            output: standardOutput.writeEnd, error: standardError.writeEnd)
        self.input = Mutex(standardInput.writeEnd)
        try output.collect(from: standardOutput.readEnd)
        try errors.collect(from: standardError.readEnd)
        switch input {
        case .nothing: closeInput()
        case .bytes(let bytes):
            write(bytes)
            closeInput()
        case .text(let text):
            write(text)
            closeInput()
        case .pipe, .nonBlockingPipe: break
        }
    }

    deinit {
        child.signal(SIGKILL)
        closeInput()
    }

    /// Runs the tool to its end.
    package static func run(
        _ arguments: [String], environment: [String: String] = [:], input: Input = .nothing,
        within limit: Duration = .seconds(30)
    ) async throws -> Result {
        try await ToolProcess(arguments, environment: environment, input: input).result(within: limit)
    }

    /// The process id.
    package var processID: Int32 { child.processID }
    /// The program's end; nil while it runs.
    package var exit: ChildProcess.Exit? { child.exit }
    /// The text on standard output by now.
    package var outputSoFar: String { String(decoding: output.bytes, as: UTF8.self) }
    /// The text on standard error by now.
    package var errorsSoFar: String { String(decoding: errors.bytes, as: UTF8.self) }

    /// Sends a signal, unless it has ended.
    package func signal(_ number: Int32) {
        child.signal(number)
    }

    /// Writes to the tool's standard input, from a thread of its own; what nobody reads any more is dropped.
    package func write(_ bytes: [UInt8]) {
        guard let descriptor = input.withLock({ $0 }) else { return }
        try? writer.enqueue {
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { writeWithoutSignal(descriptor, $0) }
                if count > 0 { rest = rest.dropFirst(count) } else if errno != EINTR { return }
            }
        }
    }

    /// Writes text to the tool's standard input.
    package func write(_ text: String) {
        write(Array(text.utf8))
    }

    /// Ends the tool's standard input, after what was written before.
    package func closeInput() {
        guard let descriptor = input.withLock({ $0.take() }) else { return }
        try? writer.enqueue { close(descriptor) }
    }

    /// Waits for the next line of standard output; nil after the last.
    package func nextLine(within limit: Duration = .seconds(20)) async throws -> String? {
        let line = try await eventually(
            "the tool wrote a line; so far: \(outputSoFar)\(errorsSoFar)", within: limit
        ) {
            self.output.takeLine()
        }
        return if case .text(let text) = line { text } else { nil }
    }

    /// The whole lines of standard output that have come since they were last asked for, without waiting.
    package func takeLines() -> [String] {
        var lines: [String] = []
        while case .text(let line)? = output.takeLine() { lines.append(line) }
        return lines
    }

    /// Waits until standard error contains a text.
    package func waitForErrors(containing text: String, within limit: Duration = .seconds(20)) async throws {
        try await eventually("the tool said \(text)", within: limit) { self.errorsSoFar.contains(text) }
    }

    /// Waits for the end, and for all output.
    ///
    /// - Throws: ``NotInTime`` with what was written so far; the tool is killed then.
    package func result(within limit: Duration = .seconds(60)) async throws -> Result {
        do {
            let exit = try await child.waitForExit(within: limit)
            // A grandchild may hold the pipes open for longer; what it writes is not waited for in vain.
            try await eventually("the tool's output has ended") {
                self.output.hasEnded && self.errors.hasEnded
            }
            return Result(
                exit: exit, output: outputSoFar, errors: errorsSoFar, outputBytes: output.bytes)
        } catch {
            child.signal(SIGKILL)
            throw NotInTime("\(error); standard output: \(outputSoFar); standard error: \(errorsSoFar)")
        }
    }

    /// The tool, which is built into the directory of the test bundle.
    package static let executable: String = {
        var candidates: [String] = []
        #if canImport(Glibc)
        var buffer = [UInt8](repeating: 0, count: 4096)
        let length = readlink("/proc/self/exe", &buffer, buffer.count)
        if length > 0 { candidates.append(String(decoding: buffer[..<length], as: UTF8.self)) }
        #endif
        candidates += CommandLine.arguments.flatMap { argument in
            argument.indices.filter { argument[$0] == "/" }.reversed().map { String(argument[..<$0]) + "/." }
        }
        for candidate in candidates {
            guard let slash = candidate.lastIndex(of: "/") else { continue }
            let path = candidate[..<slash] + "/redstream"
            if access(String(path), X_OK) == 0, !isDirectory(String(path)) { return String(path) }
        }
        preconditionFailure("no redstream beside \(candidates): build it with `swift build`")
    }()
}

private func isDirectory(_ path: String) -> Bool {
    var information = stat()
    return stat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFDIR
}

/// write(2) for pipes that nobody may read any more: EPIPE, without ending the test process.
private func writeWithoutSignal(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    var pipes = sigset_t()
    sigemptyset(&pipes)
    sigaddset(&pipes, SIGPIPE)
    // The signal goes to the thread that wrote; there it stays blocked for ever.
    pthread_sigmask(SIG_BLOCK, &pipes, nil)
    return write(descriptor, bytes.baseAddress, bytes.count)
}
