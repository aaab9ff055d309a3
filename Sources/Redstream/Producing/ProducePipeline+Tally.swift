extension ProducePipeline {
    /// What has become of the entries so far.
    package struct Tally: Sendable, Equatable {
        /// Entries that the server has acknowledged.
        package var acknowledged = 0
        /// The last acknowledged entry.
        package var lastID: StreamID?
        /// Entries that were sent twice, and may stand in the stream twice.
        package var possiblyDoubled = 0
        /// What was acknowledged in each stream, where there are several.
        package var targets: [Target] = []

        /// Creates a tally of nothing.
        package init() {}
    }

    /// What has become of the entries of one of several streams.
    package struct Target: Sendable, Equatable {
        /// Entries that the server has acknowledged.
        package var acknowledged = 0
        /// The last acknowledged entry.
        package var lastID: StreamID?

        /// Creates a part of a tally.
        package init(acknowledged: Int = 0, lastID: StreamID? = nil) {
            self.acknowledged = acknowledged
            self.lastID = lastID
        }
    }
}
