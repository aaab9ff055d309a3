import Redstream
import RedstreamSystem
import Synchronization

/// Turns SIGINT, SIGTERM and SIGHUP into values that a command waits for.
///
/// A handler writes to a pipe, and a thread reads it: a signal is noticed even while every core is busy. Handlers,
/// unlike ignored signals, are not inherited by the commands that are started.
final class SignalMonitor: Sendable {
    /// The signals of this process.
    static let process = SignalMonitor()

    private struct State {
        var count = StopCount()
        /// True if a command in the foreground handles the signals.
        var belongsToCommand = false
        /// When the process ends if nothing else ends it.
        var deadline: (time: ContinuousClock.Instant, code: ExitCode)?
        var listeners: [Int: AsyncStream<StopRequest>.Continuation] = [:]
        var next = 0
    }

    /// The signals that ask for a stop.
    private static let requests: [Int32: StopRequest] = [
        SIGINT: .interrupt, SIGTERM: .terminate, SIGHUP: .hangUp,
    ]
    /// The time that work has to end after the second request.
    private static let patience = Duration.seconds(1)

    private let state = Mutex(State())
    private let thread = WorkerThread()

    /// The first request that came, if any.
    var first: StopRequest? { state.withLock { $0.count.requests.first } }

    /// The number of requests so far.
    var requestCount: Int { state.withLock { $0.count.requests.count } }

    /// Begins to listen to the process's signals; without it only ``send(_:)`` is heard.
    ///
    /// A signal that the parent had ignored stays ignored: nohup(1) ignores SIGHUP, and a shell without job control
    /// ignores SIGINT for what it runs in the background.
    ///
    /// - Throws: `SystemError` if the system has no means to hear them.
    func install() throws(SystemError) {
        // An error of the write that met it, not the end of the program.
        Signals.ignore(SIGPIPE)
        Signals.ignore(SIGXFSZ)
        // With it ignored, the system keeps to itself how commands ended.
        if Signals.isIgnored(SIGCHLD) { signal(SIGCHLD, SIG_DFL) }
        let (reader, writer) = try Descriptor.pipe()
        // A handler must not block.
        Descriptor.setNonBlocking(writer)
        signalPipe.store(writer, ordering: .sequentiallyConsistent)
        try thread.enqueue { [self] in listen(to: reader) }
        for number in Self.requests.keys where !Signals.isIgnored(number) { signal(number, forwardSignal) }
    }

    private func listen(to reader: Int32) {
        var item = pollfd(fd: reader, events: Int16(POLLIN), revents: 0)
        while true {
            let deadline = state.withLock { $0.deadline }
            let left = deadline.map { ContinuousClock.now.duration(to: $0.time).milliseconds }
            if let deadline, let left, left <= 0 { _exit(deadline.code.rawValue) }
            let count = poll(&item, 1, left.map { Int32($0 + 1) } ?? -1)
            if count < 0, errno != EINTR { return }
            guard count > 0 else { continue }
            var byte: UInt8 = 0
            guard read(reader, &byte, 1) == 1 else { continue }
            if let request = Self.requests[Int32(byte)] { send(request) }
        }
    }

    /// Leaves it to a command in the foreground what signals mean, however many come.
    func leaveToCommand() {
        state.withLock { $0.belongsToCommand = true }
    }

    /// Ends what ``leaveToCommand()`` began: requests made meanwhile were the command's, and are forgotten.
    func takeBack() {
        state.withLock {
            $0.count = StopCount(after: .now)
            $0.belongsToCommand = false
        }
    }

    /// Takes a request, as from a signal.
    ///
    /// The second one means at once. Work that cannot be cancelled, such as opening a connection, is not waited for: the
    /// process ends a second later. The third one ends it immediately.
    func send(_ request: StopRequest) {
        let (listeners, count) = state.withLock { state in
            let counts = state.count.take(request, at: .now, countsAll: state.belongsToCommand)
            let count = state.belongsToCommand ? 0 : state.count.requests.count
            if counts, count == 2 { state.deadline = (.now.advanced(by: Self.patience), request.exitCode) }
            return (counts ? Array(state.listeners.values) : [], count)
        }
        if count > 2 { _exit(request.exitCode.rawValue) }
        for listener in listeners { listener.yield(request) }
    }

    /// Waits for the request of that number, counted from 1; nil where the task was cancelled first.
    func request(_ number: Int) async -> StopRequest? {
        let (stream, continuation) = AsyncStream<StopRequest>.makeStream()
        let listener = state.withLock {
            $0.next += 1
            $0.listeners[$0.next] = continuation
            for request in $0.count.requests { continuation.yield(request) }
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

    /// Waits until the task is cancelled, and returns the error for that.
    func cancellation() async -> CancellationError {
        _ = await request(.max)
        return CancellationError()
    }

    /// Waits for the request of that number for a time; nil where none came by then.
    func request(_ number: Int, within time: Duration) async -> StopRequest? {
        let works: [@Sendable () async throws -> StopRequest?] = [
            { await self.request(number) },
            {
                try await Timer.sleep(for: time)
                return nil
            },
        ]
        return try? await firstResult(of: works)
    }

    /// Waits for a time; true where a request came first.
    func waits(for time: Duration) async -> Bool { await request(1, within: time) != nil }
}

private let signalPipe = Atomic<Int32>(-1)

private let forwardSignal: @convention(c) (Int32) -> Void = { number in
    var byte = UInt8(truncatingIfNeeded: number)
    let before = errno
    _ = write(signalPipe.load(ordering: .sequentiallyConsistent), &byte, 1)
    errno = before
}
