import RedstreamSystem
import Synchronization

/// A request from outside to stop.
enum StopRequest: Sendable, Equatable {
    case interrupt
    case terminate

    /// The exit code of finite work that it cut short.
    var exitCode: ExitCode {
        switch self {
        case .interrupt: .interrupted
        case .terminate: .terminated
        }
    }
}

/// Turns SIGINT and SIGTERM into values that a command waits for.
///
/// A handler writes to a pipe, and a thread reads it: a signal is noticed even while every core is busy. Handlers,
/// unlike ignored signals, are not inherited by the commands that are started.
final class SignalMonitor: Sendable {
    /// The signals of this process.
    static let process = SignalMonitor()

    private struct State {
        var received: [StopRequest] = []
        var listeners: [Int: AsyncStream<StopRequest>.Continuation] = [:]
        var next = 0
    }

    private let state = Mutex(State())
    private let thread = WorkerThread()
    private let watchdog = WorkerThread()
    private let endsAtThird = Atomic(true)

    /// The first request that came, if any.
    var first: StopRequest? { state.withLock { $0.received.first } }

    /// Begins to listen to the process's signals; without it only ``send(_:)`` is heard.
    ///
    /// - Throws: `SystemError` if the system has no means to hear them.
    func install() throws(SystemError) {
        let (reader, writer) = try Descriptor.pipe()
        signalPipe.store(writer, ordering: .sequentiallyConsistent)
        try thread.enqueue { [self] in
            var byte: UInt8 = 0
            while true {
                let count = read(reader, &byte, 1)
                if count == 1 { send(Int32(byte) == SIGINT ? .interrupt : .terminate) }
                if count == 0 || count < 0 && errno != EINTR { return }
            }
        }
        // A broken pipe is an error of the write that met it, not the end of the program.
        signal(SIGPIPE, SIG_IGN)
        signal(SIGINT, forwardSignal)
        signal(SIGTERM, forwardSignal)
    }

    /// Leaves it to a command in the foreground what signals mean, however many come.
    func leaveToCommand() {
        endsAtThird.store(false, ordering: .relaxed)
    }

    /// Ends what ``leaveToCommand()`` began: requests made meanwhile were the command's, and are forgotten.
    func takeBack() {
        state.withLock { $0.received = [] }
        endsAtThird.store(true, ordering: .relaxed)
    }

    /// Takes a request, as from a signal.
    ///
    /// The third one ends the process: by then nothing else did.
    func send(_ request: StopRequest) {
        let (listeners, count) = state.withLock {
            $0.received.append(request)
            return ($0.listeners.values, $0.received.count)
        }
        if endsAtThird.load(ordering: .relaxed) {
            if count > 2 { _exit(request.exitCode.rawValue) }
            // The second means at once. What cannot be cancelled, such as opening a connection, is not waited for.
            if count == 2 { endSoon(request.exitCode) }
        }
        for listener in listeners { listener.yield(request) }
    }

    private func endSoon(_ code: ExitCode) {
        do {
            try watchdog.enqueue(after: .seconds(1)) { _exit(code.rawValue) }
        } catch {
            _exit(code.rawValue)
        }
    }

    /// Waits for the request of that number, counted from 1; nil where the task was cancelled first.
    func request(_ number: Int) async -> StopRequest? {
        let (stream, continuation) = AsyncStream<StopRequest>.makeStream()
        let listener = state.withLock {
            $0.next += 1
            $0.listeners[$0.next] = continuation
            for request in $0.received { continuation.yield(request) }
            return $0.next
        }
        defer { state.withLock { _ = $0.listeners.removeValue(forKey: listener) } }
        var count = 0
        for await request in stream {
            count += 1
            if count == number { return request }
        }
        return nil
    }
}

private let signalPipe = Atomic<Int32>(-1)

private let forwardSignal: @convention(c) (Int32) -> Void = { number in
    var byte = UInt8(truncatingIfNeeded: number)
    let before = errno
    _ = write(signalPipe.load(ordering: .sequentiallyConsistent), &byte, 1)
    errno = before
}
