import Synchronization

/// A started program, which can be signalled until it has been reaped, and never after.
package final class Program: Sendable {
    /// The end of a program.
    package enum Status: Sendable, Equatable {
        /// It ended by itself, with this code.
        case exited(Int32)
        /// A signal ended it.
        case signaled(Int32)

        /// True if it exited with 0.
        package var isSuccess: Bool { self == .exited(0) }
    }

    /// Everything around a program that may be refused, so that it is not refused once the program runs.
    private struct Preparation {
        var launch: Launch
        var writeEnd: Int32?
        var bytes: [UInt8] = []
    }

    private struct State {
        var status: Status?
        /// True if the programs that it started are killed once it has ended.
        var killsRest = false
        var waiters: [CheckedContinuation<Status, Never>] = []
    }

    /// The process id, also after the end.
    package let processID: pid_t
    private let leadsGroup: Bool
    private let state = Mutex(State())

    private init(_ processID: pid_t, leadsGroup: Bool) {
        self.processID = processID
        self.leadsGroup = leadsGroup
    }

    /// Starts a program.
    ///
    /// A thread of its own feeds it and waits for its end.
    ///
    /// - Parameters:
    ///   - launch: The program.
    ///   - input: The bytes to read on its standard input; nil for the input that `launch` names.
    ///   - onStop: Is given each signal that stops the program, as Ctrl-Z does.
    /// - Returns: The program, which runs.
    /// - Throws: ``SystemError`` if it could not be started: nothing of it has run.
    package static func start(
        _ launch: Launch, input: [UInt8]? = nil, onStop: @escaping @Sendable (Int32) -> Void = { _ in }
    ) async throws(SystemError) -> Program {
        guard let input else { return try await start(Preparation(launch: launch), onStop).get() }
        let (readEnd, writeEnd) = try Descriptor.pipe()
        defer { close(readEnd) }
        Descriptor.setNonBlocking(writeEnd)
        var preparation = Preparation(launch: launch, writeEnd: writeEnd, bytes: input)
        preparation.launch.input = readEnd
        let outcome = await start(preparation, onStop)
        if case .failure = outcome { close(writeEnd) }
        return try outcome.get()
    }

    private static func start(
        _ preparation: Preparation, _ onStop: @escaping @Sendable (Int32) -> Void
    ) async -> Result<Program, SystemError> {
        await withCheckedContinuation { continuation in
            do throws(SystemError) {
                try startThread {
                    do throws(SystemError) {
                        let launch = preparation.launch
                        let program = Program(
                            try Children.start(launch), leadsGroup: launch.group != .inherited)
                        continuation.resume(returning: .success(program))
                        program.attend(feeding: preparation.bytes, to: preparation.writeEnd, onStop)
                    } catch {
                        continuation.resume(returning: .failure(error))
                    }
                }
            } catch {
                continuation.resume(returning: .failure(error))
            }
        }
    }

    /// Waits until the program has ended.
    package func ended() async -> Status {
        await withCheckedContinuation { continuation in
            let status = state.withLock { state in
                if state.status == nil { state.waiters.append(continuation) }
                return state.status
            }
            if let status { continuation.resume(returning: status) }
        }
    }

    /// Sends a signal, to the whole process group of a program that leads one.
    package func signal(_ number: Int32) {
        state.withLock { state in
            if state.status == nil { sendSignal(number) }
        }
    }

    /// Asks the program to end, also one that is stopped.
    ///
    /// Once it has ended, the programs that it started are killed.
    package func terminate() {
        state.withLock { state in
            guard state.status == nil else { return }
            state.killsRest = true
            sendSignal(SIGTERM)
            sendSignal(SIGCONT)
        }
    }

    /// Asks the program to end, kills it if it has not ended in time, and waits for its end.
    ///
    /// A cancelled task does not kill it.
    @discardableResult
    package func end(within patience: Duration) async -> Status {
        terminate()
        return await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                do { try await Timer.sleep(for: patience) } catch { return }
                self.signal(SIGKILL)
            }
            defer { tasks.cancelAll() }
            return await ended()
        }
    }

    private func sendSignal(_ number: Int32) {
        kill(leadsGroup ? -processID : processID, number)
    }

    private func attend(
        feeding bytes: [UInt8], to writeEnd: Int32?, _ onStop: @Sendable (Int32) -> Void
    ) {
        if let writeEnd {
            feed(bytes, to: writeEnd, onStop)
            close(writeEnd)
        }
        while state.withLock({ $0.status == nil }) { look(mayWait: true, onStop) }
    }

    /// Writes all bytes that the program reads before its end; it need not read any.
    private func feed(_ bytes: [UInt8], to writeEnd: Int32, _ onStop: @Sendable (Int32) -> Void) {
        var written = 0
        while written < bytes.count {
            do throws(SystemError) {
                written += try Descriptor.write(bytes[written...], to: writeEnd)
            } catch {
                guard error.code == EAGAIN else { return }
                if Descriptor.wait(for: writeEnd, POLLOUT, timeout: 100).isReady { continue }
                // A program that it has started may keep the pipe open, and never read.
                look(mayWait: false, onStop)
                if state.withLock({ $0.status != nil }) { return }
            }
        }
    }

    /// Looks whether the program has ended or was stopped, or waits for it.
    private func look(mayWait: Bool, _ onStop: @Sendable (Int32) -> Void) {
        var information = siginfo_t()
        let options = WEXITED | WSTOPPED | WNOWAIT | (mayWait ? 0 : WNOHANG)
        // It stays a zombie until the state says so: its number cannot be given to another process meanwhile.
        guard waitid(P_PID, id_t(processID), &information, options) == 0 else {
            // Another part of this process has reaped it.
            if errno == ECHILD { end(.exited(255)) }
            return
        }
        guard information.si_signo != 0 else { return }
        let isEnd = [CLD_EXITED, CLD_KILLED, CLD_DUMPED].map { Int32($0) }.contains(information.si_code)
        let code: Int32? = state.withLock { state in
            if isEnd, state.killsRest, leadsGroup { kill(-processID, SIGKILL) }
            var code: Int32 = 0
            guard Children.reap(processID, &code) else { return nil }
            if !Self.isStop(code) { state.status = Self.status(code) }
            return code
        }
        guard let code else { return }
        if Self.isStop(code) { onStop(code >> 8 & 0xff) } else { end(Self.status(code)) }
    }

    private static func isStop(_ code: Int32) -> Bool { code & 0xff == 0x7f }

    private static func status(_ code: Int32) -> Status {
        code & 0x7f == 0 ? .exited(code >> 8 & 0xff) : .signaled(code & 0x7f)
    }

    private func end(_ status: Status) {
        let waiters = state.withLock { state in
            state.status = status
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume(returning: status) }
    }
}
