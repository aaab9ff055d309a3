/// The entries that a pass over one stream removed, or would remove.
public struct TrimReport: Sendable, Equatable {
    /// The stream.
    public var stream: String
    /// The number of entries.
    public var removed: Int
    /// The last entry that went; nil where none did.
    public var lastRemoved: StreamID?
    /// The age of that entry by the server's clock; nil where none went.
    public var age: Duration?
    /// For each known consumer how many entries went that it had not committed.
    public var unread: [String: Int]
    /// Why nothing could be done, such as the holder of the lock; nil where the pass was made.
    public var skipped: SkipReason?
    /// The protected consumer that is furthest behind, where nothing went that would have gone but for it.
    public var heldBack: HeldBack?

    /// A consumer that has not committed what would go otherwise.
    public struct HeldBack: Sendable, Equatable {
        /// Its name.
        public var consumer: String
        /// Its offset; nil where none is stored.
        public var offset: StreamID?
    }

    /// Why a stream was passed over.
    public enum SkipReason: Sendable, Equatable {
        /// Another trimmer holds the lock.
        case lockHeld(by: String)
        /// The stored offset of a protected consumer is no entry id.
        case unreadableOffset(of: String)
        /// There is no such stream.
        case noStream
        /// In a cluster, its keys would lie on several nodes.
        case splitKeys
        /// `committed` was asked for, and the stream has no consumers.
        case noConsumers
    }

    init(stream: String, removed: Int = 0, unread: [String: Int] = [:], skipped: SkipReason? = nil) {
        self.stream = stream
        self.removed = removed
        self.unread = unread
        self.skipped = skipped
    }
}
