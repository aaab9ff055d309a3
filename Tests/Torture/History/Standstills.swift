/// When the machine kept somebody waiting who wanted to run, as each witness has noted it, in order.
package struct Standstills: Sendable, Equatable {
    /// The evidence.
    package enum Witness: Int, Sendable, CaseIterable {
        /// A thread that only sleeps.
        case sleeper
        /// The server's answers to a PING.
        case server
        /// The system's count of how long servers and delayers have waited for a core.
        case cores
    }

    /// A span of time within which somebody was kept waiting.
    package struct Standstill: Sendable, Equatable {
        package let span: Span
        /// For how long, in milliseconds.
        package let lost: UInt64
    }

    /// By witness; a witness notes one after the other, so that they neither overlap nor come out of order.
    private var notes = [[Standstill]](repeating: [], count: Witness.allCases.count)

    /// Starts with none.
    package init() {}

    /// Notes the next one of a witness.
    package mutating func note(_ span: Span, lost: UInt64, by witness: Witness) {
        notes[witness.rawValue].append(Standstill(span: span, lost: lost))
    }

    /// All of them.
    package var all: [Standstill] { notes.flatMap(\.self) }

    /// Returns the milliseconds within a span in which somebody was kept waiting, by the witness that says most.
    ///
    /// All of a standstill counts that has a moment in common with the span.
    package func lost(within span: Span) -> UInt64 {
        notes.map { Self.lost(within: span, $0) }.max() ?? 0
    }

    private static func lost(within span: Span, _ notes: [Standstill]) -> UInt64 {
        // The first that has not ended before the span: a run has tens of thousands, and is asked as often.
        var (low, high) = (0, notes.count)
        while low < high {
            let middle = (low + high) / 2
            if notes[middle].span.end < span.start { low = middle + 1 } else { high = middle }
        }
        return notes[low...].prefix { $0.span.start <= span.end }.reduce(0) { $0 + $1.lost }
    }
}
