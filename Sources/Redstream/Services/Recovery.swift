import RedisClient

/// What has to happen before a command that failed can succeed: in these words a wait for it begins and ends.
package enum Recovery: Sendable, Hashable {
    /// The server is away.
    case reachable
    /// It reads its data from disk.
    case loaded
    /// It is there, and refuses writes: it is a replica, out of memory, or cannot write its disk.
    case writable
    /// A failover is under way.
    case primary
    /// The cluster has a slot on its way, or one that nobody serves.
    case cluster
    /// It is there, and busy.
    case responsive
    /// It has as many clients as it takes.
    case admitted
    /// All connections of the pool are in use.
    case free

    /// What the wait is for, after "until": `it takes writes`.
    var condition: String {
        switch self {
        case .reachable: "it is back"
        case .loaded: "it has loaded its data"
        case .writable: "it takes writes"
        case .primary: "there is a primary"
        case .cluster: "a node serves the key"
        case .responsive: "it answers"
        case .admitted: "it takes more clients"
        case .free: "one is free"
        }
    }

    /// Whether it comes about only when somebody does something: worth a word also where something else failed before.
    var takesSomebody: Bool { self == .writable || self == .admitted }

    /// What is said when it has come about.
    ///
    /// - Parameter time: For how long it was waited for.
    /// - Returns: A line of the log.
    package func notice(after time: Duration) -> String {
        let what =
            switch self {
            case .reachable: "the server is back"
            case .loaded: "the server has loaded its data"
            case .writable: "the server takes writes"
            case .primary: "there is a primary"
            case .cluster: "the cluster serves the key"
            case .responsive: "the server answers"
            case .admitted: "the server takes more clients"
            case .free: "a connection is free"
            }
        return "\(what) after \(time.shortText)"
    }
}

extension RedisError {
    /// What a retry of the command waits for.
    package var recovery: Recovery {
        switch kind {
        case .slotMoved: .cluster
        case .poolExhausted: .free
        case .server(let code): recovery(code: code)
        default: .reachable
        }
    }

    private func recovery(code: String) -> Recovery {
        switch code {
        case "LOADING": .loaded
        // What sentinels or the nodes of a cluster are about to settle by themselves.
        case "READONLY" where reason.contains("no primary"): .primary
        case "READONLY", "OOM", "MISCONF", "NOREPLICAS": .writable
        case "MASTERDOWN", "UNBLOCKED": .primary
        case "CLUSTERDOWN", "TRYAGAIN": .cluster
        case "BUSY": .responsive
        case "ERR": .admitted
        default: .reachable
        }
    }

    /// What is said when the command is tried again: the error, and until when.
    ///
    /// - Parameter limit: How long it is tried; nil for as long as it takes.
    /// - Returns: A line of the log.
    package func retryNotice(limit: Duration?) -> String {
        let end = limit.map { "for \($0.shortText)" } ?? "until \(recovery.condition)"
        return "\(sentence); trying \(end)"
    }

    /// The description without the full stop that some servers put behind their reasons.
    private var sentence: Substring {
        let text = description[...]
        return text.hasSuffix(".") ? text.dropLast() : text
    }
}
