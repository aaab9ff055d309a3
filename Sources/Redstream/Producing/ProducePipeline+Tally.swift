extension ProducePipeline {
    /// The numbers of entries so far, by outcome.
    package struct Tally: Sendable, Equatable {
        /// Entries that the server has acknowledged.
        package var acknowledged = 0
        /// The last acknowledged entry.
        package var lastID: StreamID?
        /// Entries that were sent twice, and may stand in the stream twice.
        package var possiblyDoubled = 0
        /// Entries that are written, and that fewer replicas have than were asked for: not acknowledged.
        package var underReplicated = 0
        /// The numbers of acknowledged entries in each stream, where there are several.
        package var targets: [Target] = []

        /// Creates a tally of nothing.
        package init() {}

        /// Counts entries of a batch, from its position on: nil for one that was not acknowledged.
        mutating func count(_ answers: ArraySlice<StreamID?>, of item: InFlightBatch) {
            for index in answers.indices {
                guard let id = answers[index] else { continue }
                acknowledged += 1
                lastID = id
                guard !targets.isEmpty else { continue }
                let target = item.batch.target(of: item.position + index)
                targets[target].acknowledged += 1
                targets[target].lastID = id
            }
        }
    }

    /// The numbers of entries of one of several streams, by outcome.
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
