package import Redstream

/// Something that a server did for good.
package enum ServerEvent: Sendable, Equatable {
    /// An entry was appended to a stream.
    case appended(stream: String, id: StreamID, payload: String)
    /// An entry was appended to the delay stream of a stream.
    case delayed(stream: String, id: StreamID, payload: String)
    /// Entries left the delay stream of a stream.
    case moved(stream: String, ids: [StreamID], payloads: [String])
    /// Entries left a stream.
    case trimmed(stream: String, ids: [StreamID])
    /// A consumer's offset was written.
    case committed(ConsumerName, StreamID)
    /// A consumer gave up an entry.
    case deadLettered(ConsumerName, id: StreamID, payload: String)
    /// A lock was taken, or written again by its holder.
    case locked(Lock, holder: String, until: UInt64)
    /// A lock was prolonged.
    case renewed(Lock, until: UInt64)
    /// A lock went: its holder gave it back, or its time had passed.
    case unlocked(Lock, released: Bool)
    /// A key came here from another server, and with it its history ends here until now.
    case imported
    /// The standby of a lock that was given back was woken.
    case notified(Lock, at: UInt64)
}

/// An event, and where it stands in its history.
package struct ServerRecord: Sendable, Equatable {
    /// The event.
    package let event: ServerEvent
    /// The number of its atomic step; the same for all events of a step.
    package let step: Int
    /// The latest time, in milliseconds by the server's clock, that is known to have come by then.
    package let clock: UInt64
}

/// The events of one server in order, from a beginning whose state is known.
///
/// A server that takes over another's data starts a new one: what it holds may be less than what it held before.
package struct Segment: Sendable {
    /// The server's name.
    package let server: String
    /// Its events.
    ///
    /// Those that only restate what was there at the beginning have step 0.
    package var records: [ServerRecord]
}
