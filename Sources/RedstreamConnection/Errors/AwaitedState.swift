/// The state of the server that a failed command waits for.
///
/// A wait begins and ends with its words.
package enum AwaitedState: Sendable, Hashable, CaseIterable {
    /// The server can be reached.
    case reachable
    /// It has read its data from disk.
    case loaded
    /// It takes writes: it is no replica, has memory left, and can write its disk.
    case writable
    /// A failover is over.
    case primary
    /// A node of the cluster serves the slot.
    case cluster
    /// It sends an entry that it refused to send.
    case readable
    /// It is not busy any more.
    case responsive
    /// It has room for another client.
    case admitted
    /// A connection of the pool is free.
    case free

    /// The end of the wait, after "until": `it takes writes`.
    package var condition: String {
        switch self {
        case .reachable: "it is back"
        case .loaded: "it has loaded its data"
        case .writable: "it takes writes"
        case .primary: "there is a primary"
        case .cluster: "a node serves the key"
        case .readable: "it sends the entry"
        case .responsive: "it answers"
        case .admitted: "it takes more clients"
        case .free: "one is free"
        }
    }

    /// The words for the end of the wait: `the server takes writes`.
    package var fulfilled: String {
        switch self {
        case .reachable: "the server is back"
        case .loaded: "the server has loaded its data"
        case .writable: "the server takes writes"
        case .primary: "there is a primary"
        case .cluster: "the cluster serves the key"
        case .readable: "the server sends the entry"
        case .responsive: "the server answers"
        case .admitted: "the server takes more clients"
        case .free: "a connection is free"
        }
    }

    /// True if an operator has to do something first.
    ///
    /// It is worth a line even if the wait began for another reason.
    package var needsOperator: Bool { self == .writable || self == .admitted || self == .readable }
}
