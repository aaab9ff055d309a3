import RedstreamSystem

/// The built `redstream` executable on a pseudo-terminal, as a person at a prompt runs it.
package final class TerminalProcess: Sendable {
    private let child: ChildProcess
    private let screen = OutputCollector()
    private let master: Int32

    /// Starts the tool, or another program, with all three descriptors on the terminal.
    package init(
        _ arguments: [String], environment: [String: String] = [:], program: String = ToolProcess.executable
    ) throws {
        let (master, terminal) = try openTerminal()
        self.master = master
        defer { close(terminal) }
        let variables = ProcessEnvironment.minimal.merging(["TERM": "xterm"]) { $1 }
        child = try ChildProcess.start(
            program, arguments, environment: variables.merging(environment) { $1 },
            input: terminal, output: terminal, error: terminal)
        // The collector closes what it reads.
        try screen.collect(from: dup(master))
    }

    deinit {
        child.signal(SIGKILL)
        close(master)
    }

    /// Every byte that the terminal was sent so far.
    package var shownBytes: [UInt8] { screen.bytes }
    /// The text that the terminal was sent so far.
    package var shown: String { String(decoding: screen.bytes, as: UTF8.self) }

    /// Sends a signal, unless it has ended.
    package func signal(_ number: Int32) {
        child.signal(number)
    }

    /// Types text.
    package func type(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(master, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    /// Waits until the terminal was sent a text.
    package func waitUntilShown(_ text: String, within limit: Duration = .seconds(20)) async throws {
        try await eventually("the terminal shows \(text); so far: \(shown)", within: limit) {
            self.shown.contains(text)
        }
    }

    /// Waits for the end, and for all that it showed.
    package func exit(within limit: Duration = .seconds(30)) async throws -> ChildProcess.Exit {
        let exit = try await child.waitForExit(within: limit)
        try await eventually("the terminal is closed") { self.screen.hasEnded }
        return exit
    }
}

/// A new pseudo-terminal: the end of the screen and the keyboard, and the end of the program.
private func openTerminal() throws -> (master: Int32, terminal: Int32) {
    var master: Int32 = -1
    var terminal: Int32 = -1
    #if canImport(Glibc)
    // glibc has it, and hides it from Swift.
    guard let symbol = dlsym(nil, "openpty") else { throw SystemError("openpty") }
    typealias Ends = UnsafeMutablePointer<Int32>
    typealias OpenTerminal =
        @convention(c) (Ends, Ends, OpaquePointer?, OpaquePointer?, OpaquePointer?) -> Int32
    let status = unsafeBitCast(symbol, to: OpenTerminal.self)(&master, &terminal, nil, nil, nil)
    #else
    let status = openpty(&master, &terminal, nil, nil, nil)
    #endif
    guard status == 0 else { throw SystemError("openpty") }
    for descriptor in [master, terminal] { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    return (master, terminal)
}
