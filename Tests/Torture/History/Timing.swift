/// The times of the wire contract and the bounds that are judged, in milliseconds.
package enum Timing {
    /// The milliseconds that a lock lives without a renewal.
    package static let lease: UInt64 = 5_000
    /// The milliseconds that a release stays to be noticed.
    package static let notification: UInt64 = 60_000
    /// The milliseconds that a takeover may come after a release or the end of a lease, and a delay message after
    /// its time.
    package static let promptness: UInt64 = 100
}

/// A span of time in milliseconds since 1970, both ends included.
package struct Span: Sendable, Hashable {
    package var start: UInt64
    package var end: UInt64

    /// Creates a span.
    package init(_ start: UInt64, _ end: UInt64) {
        self.start = start
        self.end = max(start, end)
    }

    /// The length in milliseconds.
    package var length: UInt64 { end - start }

    /// Returns true if the two have a moment in common.
    package func overlaps(_ other: Span) -> Bool { start <= other.end && other.start <= end }
}
