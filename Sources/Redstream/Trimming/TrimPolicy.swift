/// Which entries a trimmer may remove.
public struct TrimPolicy: Sendable, Equatable {
    /// Remove only what is older; nil removes at any age.
    public var expiry: Duration?
    /// Remove only what all of these have committed; nil removes unread entries too.
    ///
    /// A consumer without an offset has read nothing.
    public var consumers: Consumers?

    /// The consumers that a trim protects.
    public enum Consumers: Sendable, Equatable {
        /// These, by name.
        case named([String])
        /// All that have an offset or a live lock at the time of the pass; with none, nothing is removed.
        case found
    }

    /// Creates a policy; one of the two must be given.
    public init(expiry: Duration? = nil, consumers: Consumers? = nil) {
        precondition(expiry != nil || consumers != nil, "a trim without expiry and consumers would remove everything")
        self.expiry = expiry
        self.consumers = consumers
    }

    /// The first id that stays.
    ///
    /// - Parameters:
    ///   - now: The server's time in milliseconds.
    ///   - offsets: What each protected consumer has committed; nil where no consumer is protected.
    /// - Returns: Entries below it may go; `0-0` lets none go.
    func firstKept(now: UInt64, offsets: [StreamID]?) -> StreamID {
        var bound = StreamID.max
        if let expiry {
            let age = UInt64(max(expiry.milliseconds, 0))
            bound = StreamID(milliseconds: now > age ? now - age : 0)
        }
        if let offsets {
            // What is committed may go, the offset itself included.
            let committed = offsets.min()?.successor ?? .zero
            bound = min(bound, offsets.contains(.zero) ? .zero : committed)
        }
        return bound
    }
}
