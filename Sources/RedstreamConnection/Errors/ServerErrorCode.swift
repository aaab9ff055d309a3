/// Tells what a caller should do about a ``RedisError``.
public enum RetryAdvice: Sendable, Equatable {
    /// The server is away or not ready; the same command may succeed later.
    case retry
    /// The server is there but out of memory or unable to write its disk; it may recover.
    case retryWhenResourcesReturn
    /// Trying again cannot help before somebody changes something.
    case fail
}

/// A server's error, as far as this library knows it: by its first word, or, for a plain `ERR`, by what follows.
public enum ServerErrorCode: Sendable, Hashable, CaseIterable {
    /// `LOADING`: the server reads its data from disk.
    case loading
    /// `READONLY`: the server is a replica.
    case readOnly
    /// `ERR WAIT cannot be used with replica instances`: the server has become a replica.
    case waitAtReplica
    /// `MASTERDOWN`: a replica has lost its primary.
    case masterDown
    /// `UNBLOCKED`: a blocked command ended, because the server became a replica.
    case unblocked
    /// `CLUSTERDOWN`: no node of the cluster serves the slot.
    case clusterDown
    /// `TRYAGAIN`: a slot moves, and the keys of one command are on two nodes.
    case tryAgain
    /// `BUSY`: a script has run for too long.
    case busy
    /// `NOREPLICAS`: fewer replicas are in sync than the server demands.
    case noReplicas
    /// `OOM`: the server is at its `maxmemory`.
    case outOfMemory
    /// `MISCONF`: the server cannot write its disk.
    case diskFailure
    /// `ERR max number of clients reached`.
    case tooManyClients
    /// `NOAUTH`: a password is needed.
    case noPassword
    /// `WRONGPASS`: user or password is wrong.
    case wrongPassword
    /// `ERR AUTH … called without any password configured`: the user has no password.
    case needlessPassword
    /// `NOPERM`: the ACL does not let the user do it.
    case noPermission
    /// `WRONGTYPE`: the key is of another type.
    case wrongType
    /// `NOSCRIPT`: the server does not have the script.
    case noScript
    /// `MOVED`: another node of the cluster serves the slot.
    case moved
    /// `ASK`: another node of the cluster has the key already.
    case ask
    /// `CROSSSLOT`: the keys of one command are of several slots.
    case crossSlot
    /// `ERR This instance has cluster support disabled`.
    case noCluster
    /// `ERR unknown command 'SENTINEL'`: the server is no sentinel.
    case noSentinel
    /// `ERR No such master with that name`: the sentinel does not know the service.
    case unknownService
    /// `ERR no such key`.
    case noSuchKey
    /// `ERR The ID specified in XADD is equal or smaller than the target stream top item`.
    case idNotGreater
    /// `ERR DB index is out of range`.
    case noSuchDatabase
    /// Another `ERR unknown command`.
    case unknownCommand
    /// Any other error.
    case other

    /// Recognizes an error by its first word and its text.
    package init(code: String, message: String) {
        if let known = Self.codes[code] {
            self = known
        } else if code == "ERR", let known = Self.sentences.first(where: { message.contains($0.part) }) {
            self = known.code
        } else {
            self = .other
        }
    }

    private static let codes: [String: ServerErrorCode] = [
        "LOADING": .loading, "READONLY": .readOnly, "MASTERDOWN": .masterDown, "UNBLOCKED": .unblocked,
        "CLUSTERDOWN": .clusterDown, "TRYAGAIN": .tryAgain, "BUSY": .busy, "NOREPLICAS": .noReplicas,
        "OOM": .outOfMemory, "MISCONF": .diskFailure, "NOAUTH": .noPassword, "WRONGPASS": .wrongPassword,
        "NOPERM": .noPermission, "WRONGTYPE": .wrongType, "NOSCRIPT": .noScript, "MOVED": .moved, "ASK": .ask,
        "CROSSSLOT": .crossSlot,
    ]

    /// Parts of sentences that servers say without a code of their own, the most special first.
    private static let sentences: [(part: String, code: ServerErrorCode)] = [
        ("max number of clients", .tooManyClients),
        ("WAIT cannot be used with replica", .waitAtReplica),
        ("unknown command 'SENTINEL'", .noSentinel),
        // Redis 6.2 quotes in this way.
        ("unknown command `SENTINEL`", .noSentinel),
        ("unknown command", .unknownCommand),
        ("No such master", .unknownService),
        ("cluster support disabled", .noCluster),
        ("called without any password", .needlessPassword),
        ("equal or smaller", .idNotGreater),
        ("DB index", .noSuchDatabase),
        ("no such key", .noSuchKey),
    ]
}

extension ServerErrorCode {
    /// Everything that retrying and routing have to know about an error.
    package struct Meaning: Sendable, Equatable {
        /// The advice for the command: retry if it may succeed later.
        package var advice = RetryAdvice.fail
        /// The state in which it may.
        package var awaits = AwaitedState.reachable
        /// True if the server is a replica: its connection is left if another server may be the primary.
        package var isReplica = false
        /// True if the known map of a cluster's slots is out of date.
        package var invalidatesSlots = false
        /// The longest pause that makes sense before the next try; nil for any.
        package var longestPause: Duration?
    }

    /// The one table of what errors mean.
    package var meaning: Meaning {
        switch self {
        case .loading: Meaning(advice: .retry, awaits: .loaded)
        case .readOnly: Meaning(advice: .retry, awaits: .writable, isReplica: true, invalidatesSlots: true)
        case .waitAtReplica: Meaning(advice: .retry, awaits: .writable, isReplica: true, invalidatesSlots: true)
        case .masterDown, .unblocked: Meaning(advice: .retry, awaits: .primary, invalidatesSlots: true)
        case .clusterDown: Meaning(advice: .retry, awaits: .cluster, invalidatesSlots: true)
        // The slot arrives at any moment, and both nodes are there to be asked.
        case .tryAgain: Meaning(advice: .retry, awaits: .cluster, longestPause: .milliseconds(200))
        case .busy: Meaning(advice: .retry, awaits: .responsive)
        case .noReplicas: Meaning(advice: .retry, awaits: .writable)
        case .outOfMemory, .diskFailure: Meaning(advice: .retryWhenResourcesReturn, awaits: .writable)
        case .tooManyClients: Meaning(advice: .retry, awaits: .admitted)
        case .noPassword, .wrongPassword, .needlessPassword, .noPermission, .wrongType, .noScript, .moved, .ask,
            .crossSlot, .noCluster, .noSentinel, .unknownService, .noSuchKey, .idNotGreater, .noSuchDatabase,
            .unknownCommand, .other:
            Meaning()
        }
    }
}
