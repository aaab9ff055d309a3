/// A request from outside to stop.
enum StopRequest: Sendable, Equatable {
    /// SIGINT, which Ctrl-C at a terminal sends.
    case interrupt
    /// SIGTERM.
    case terminate
    /// SIGHUP: the terminal was closed.
    case hangUp

    /// The exit code of finite work that it cut short.
    var exitCode: ExitCode {
        switch self {
        case .interrupt: .interrupted
        case .terminate, .hangUp: .terminated
        }
    }

    /// True if the process is to end; a shell at a terminal stays after Ctrl-C.
    var endsProcess: Bool { self != .interrupt }
}

/// The requests to stop that count.
///
/// One stop often arrives as several signals: `timeout` signals a command and then its process group, and a script may pass
/// on the Ctrl-C that its commands got already. So a request counts only some time after the last one that did.
struct StopCount: Sendable {
    /// The time after a request in which others belong to it.
    static let moment = Duration.milliseconds(500)

    /// The requests that counted, in order.
    private(set) var requests: [StopRequest] = []
    private var last: ContinuousClock.Instant?
    private let isDeafUntil: ContinuousClock.Instant?

    /// Begins to count.
    ///
    /// - Parameter commandEnd: The end of a command that signals belonged to until now. A signal just before it may arrive
    ///   just after it.
    init(after commandEnd: ContinuousClock.Instant? = nil) {
        isDeafUntil = commandEnd?.advanced(by: .milliseconds(100))
    }

    /// Takes a request.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - now: The time of its arrival.
    ///   - countsAll: True if it counts however soon after another it comes.
    /// - Returns: True if it counts.
    mutating func take(_ request: StopRequest, at now: ContinuousClock.Instant, countsAll: Bool) -> Bool {
        if let isDeafUntil, now < isDeafUntil { return false }
        if !countsAll, let last, last.duration(to: now) < Self.moment { return false }
        last = now
        requests.append(request)
        return true
    }
}
