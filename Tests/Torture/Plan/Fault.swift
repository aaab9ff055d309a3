/// A disturbance, as a plain value.
package enum Fault: Sendable, Hashable {
    /// A process gets SIGKILL, and its supervisor starts another.
    case kill(Target)
    /// A process gets SIGTERM: it finishes what it holds.
    case terminate(Target)
    /// A process stands still (SIGSTOP) and runs on after a while (SIGCONT), which may be longer than its lease.
    case freeze(Target, for: Duration)
    /// The connections of a process are cut where the next bytes pass.
    case cut(Target)
    /// The next reply to a process ends in the middle, and the connection with it.
    case truncate(Target, afterBytes: Int)
    /// For a while, every chunk of a process's replies is held back.
    case delay(Target, by: Duration, for: Duration)
    /// The server gets SIGKILL and is started again after a while, from its append-only file.
    case serverKill(downFor: Duration)
    /// The server stands still for a while.
    case serverFreeze(for: Duration)
    /// The server ends all connections (CLIENT KILL).
    case clientKill
    /// The server forgets all scripts (SCRIPT FLUSH).
    case scriptFlush
    /// The server refuses what needs memory for a while (`maxmemory`).
    case memoryFull(for: Duration)
    /// The disk of the append-only file is full; room is made after a while.
    case diskFull(for: Duration)
    /// A replica takes over from the primary.
    case failover(Failover)
    /// The slot of the streams moves to another primary of the cluster.
    case reshard

    /// The ways in which a replica takes over.
    package enum Failover: String, Sendable, Hashable, CaseIterable {
        /// The primary gets SIGKILL, and comes back as a replica.
        case afterKill
        /// The link to the replica breaks; what the primary takes then, until it gets SIGKILL a moment later, it has alone.
        case afterBrokenLink
        /// The primary stands still, is replaced, and runs on believing itself the primary.
        case afterFreeze
        /// An operator asks for it (SENTINEL FAILOVER, CLUSTER FAILOVER).
        case onRequest
    }

    /// The faults that the report counts together.
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case kill = "kill -9"
        case terminate = "SIGTERM"
        case freeze = "SIGSTOP"
        case cut = "connection cut"
        case truncate = "reply truncated"
        case delay = "replies delayed"
        case serverKill = "server kill -9"
        case serverFreeze = "server SIGSTOP"
        case clientKill = "CLIENT KILL"
        case scriptFlush = "SCRIPT FLUSH"
        case memoryFull = "maxmemory reached"
        case diskFull = "disk full"
        case failover = "failover"
        case reshard = "slot moved"
    }

    /// Its kind.
    package var kind: Kind {
        switch self {
        case .kill: .kill
        case .terminate: .terminate
        case .freeze: .freeze
        case .cut: .cut
        case .truncate: .truncate
        case .delay: .delay
        case .serverKill: .serverKill
        case .serverFreeze: .serverFreeze
        case .clientKill: .clientKill
        case .scriptFlush: .scriptFlush
        case .memoryFull: .memoryFull
        case .diskFull: .diskFull
        case .failover: .failover
        case .reshard: .reshard
        }
    }
}

/// Whom a fault meets.
package struct Target: Sendable, Hashable {
    /// The choice among a role's instances.
    package enum Pick: Sendable, Hashable {
        /// The one that holds the lock at that moment; any where nobody does.
        case holder
        /// The one of that number.
        case instance(Int)
    }

    /// The name of the role.
    package let role: String
    /// The instance.
    package let pick: Pick
}

extension Target: CustomStringConvertible {
    /// As in `consumer-products-indexer (holder)`.
    package var description: String {
        switch pick {
        case .holder: "\(role) (holder)"
        case .instance(let number): "\(role).\(number)"
        }
    }
}
