/// The judgement of a consumer in one word; the first that holds.
public enum Verdict: String, Sendable, CaseIterable {
    /// An offset whose stream does not exist.
    case orphan
    /// The offset is beyond the stream's last id: nothing will be read.
    case ahead
    /// Entries after the offset were trimmed before they were read.
    case gap
    /// The lock is held, and yet old entries wait and the offset stands still.
    case stalled
    /// Entries wait, and nobody holds the lock.
    case stopped
    /// The lock is held.
    case active
    /// Nothing waits, and nobody holds the lock.
    case idle

    /// The facts that a verdict is made of.
    struct Facts: Equatable {
        var streamExists = true
        var offset: StreamID = .zero
        /// The last id that the stream has given out.
        var lastGeneratedID: StreamID = .zero
        /// The highest id known to be removed, by our trims or others; nil where nothing is known.
        var lastRemovedID: StreamID?
        var isHeld = false
        /// True if an entry waits to be read.
        var hasLag = false
        /// The age of the oldest entry that waits.
        var behind: Duration?
        /// True if the offset stood still between two looks; nil after the first.
        var stoodStill: Bool?
    }

    /// Judges.
    init(_ facts: Facts, stalledAfter: Duration) {
        let isLate = (facts.behind ?? .zero) > stalledAfter
        self =
            if !facts.streamExists {
                .orphan
            } else if facts.offset > facts.lastGeneratedID {
                .ahead
            } else if let removed = facts.lastRemovedID, facts.offset < removed {
                .gap
            } else if facts.isHeld, facts.hasLag, isLate, facts.stoodStill == true {
                .stalled
            } else if facts.hasLag, !facts.isHeld {
                .stopped
            } else if facts.isHeld {
                .active
            } else {
                .idle
            }
    }
}
