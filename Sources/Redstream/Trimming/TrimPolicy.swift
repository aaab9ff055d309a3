/// The rule for the entries that a trimmer may remove.
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

    /// Returns the protected consumer that keeps the first entry, where nothing else does.
    ///
    /// - Parameters:
    ///   - now: The server's time in milliseconds.
    ///   - first: The first entry present; nil in an empty stream.
    ///   - consumers: Who is protected.
    ///   - offsets: What each has stored.
    /// - Returns: The one that is furthest behind; nil where the entry may go, or is too young to.
    func heldBack(
        now: UInt64, first: StreamID?, consumers: [ExactText], offsets: [ExactText: StreamID]
    ) -> TrimReport.HeldBack? {
        guard let first, first < firstKept(now: now, offsets: nil) else { return nil }
        // One without an offset comes first: its name may be a mistake.
        let order = consumers.sorted()
        let last = order.first { offsets[$0] == nil } ?? order.min { offsets[$0] ?? .zero < offsets[$1] ?? .zero }
        guard let last else { return nil }
        let offset = offsets[last]
        return offset ?? .zero < first ? TrimReport.HeldBack(consumer: last.text, offset: offset) : nil
    }
}
