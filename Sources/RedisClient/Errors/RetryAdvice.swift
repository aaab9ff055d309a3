/// Tells what a caller should do about a ``RedisError``: the one table of what is worth a retry.
public enum RetryAdvice: Sendable, Equatable {
    /// The server is away or not ready; the same command may succeed later.
    case retry
    /// The server is there but out of memory or unable to write its disk; it may recover.
    case retryWhenResourcesReturn
    /// Trying again cannot help before somebody changes something.
    case fail
}

extension RedisError {
    /// What to do about this error, from its kind and the server's code.
    public var retryAdvice: RetryAdvice {
        switch kind {
        case .connectFailed, .connectionLost, .timedOut, .poolExhausted, .slotMoved: .retry
        case .cancelled, .protocolViolation, .unsupportedServer, .tlsFailed: .fail
        case .server(let code): Self.advice(code: code, reason: reason)
        }
    }

    /// The longest pause that makes sense before the next try; nil for any.
    ///
    /// A slot on its way from one node of a cluster to another arrives at any moment, and both nodes are there to be asked.
    package var longestPause: Duration? {
        kind == .slotMoved || code == "TRYAGAIN" ? .milliseconds(200) : nil
    }

    static func advice(code: String, reason: String) -> RetryAdvice {
        switch code {
        case "LOADING", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "BUSY", "UNBLOCKED", "NOREPLICAS":
            .retry
        case "OOM", "MISCONF": .retryWhenResourcesReturn
        // A server at its limit of clients says so without a code of its own, and lets the next one in later.
        case "ERR" where reason.contains("max number of clients"): .retry
        default: .fail
        }
    }
}
