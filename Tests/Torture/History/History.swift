package import Redstream

/// All that was recorded of a run: what was asked for, what the servers did, what the handlers got.
package struct History: Sendable {
    /// A message that a producer was given.
    package struct Produced: Sendable, Equatable {
        package let stream: String
        package let isDelayed: Bool
        package let producer: String
        /// Its number among the producer's messages, from 1.
        package let number: Int
        /// The payload, which no other message has.
        package let payload: String
        /// The id that the tool has printed; nil while it was not acknowledged.
        package var id: StreamID?
    }

    /// A batch that a handler has taken, in the order in which handlers ended.
    package struct Batch: Sendable, Equatable {
        /// The name of the process that ran the handler.
        package let process: String
        package let attempt: Int
        package let entries: [Entry]
    }

    /// An entry as a handler got it.
    package struct Entry: Sendable, Hashable {
        package let id: StreamID
        package let payload: String
    }

    /// A process of the tool.
    package struct Process: Sendable, Equatable {
        package let name: String
        package let role: String
        package let processID: Int32
        package let start: UInt64
        package var end: UInt64?
        package var exit: Exit?
        /// The signals that it was sent, in order.
        package var signals: [Signal] = []
    }

    /// The end of a process.
    package enum Exit: Sendable, Equatable {
        case status(Int32)
        case signal(Int32)
    }

    /// A signal that asks a process to end.
    package struct Signal: Sendable, Equatable {
        /// True if it was SIGKILL, and not SIGTERM.
        package let isKill: Bool
        package let time: UInt64
    }

    /// A fault that was carried out.
    package struct Disturbance: Sendable, Equatable {
        package let kind: Fault.Kind
        /// The text that the report has for it.
        package let text: String
        /// The process that it met; nil for one that met all.
        package let process: String?
        /// From its start until all had settled.
        package var span: Span
        /// True if it was the only one meanwhile.
        package let isClean: Bool
    }

    /// A replica that took over from a primary.
    package struct Promotion: Sendable, Equatable {
        /// The server that was replaced.
        package let former: String
        /// The one that has taken over.
        package let successor: String
        /// When the former was struck, or a change was asked for, in milliseconds since 1970.
        package let start: UInt64
        /// When the successor was known to take writes.
        package let end: UInt64
    }

    /// The roles that took part.
    package let cast: Cast
    package var produced: [Produced] = []
    package var segments: [Segment] = []
    package var batches: [ConsumerName: [Batch]] = [:]
    package var processes: [Process] = []
    package var disturbances: [Disturbance] = []
    package var promotions: [Promotion] = []
    /// When the machine kept processes waiting.
    package var standstills = Standstills()
    /// The faults that were found during the run, such as a role that did not come back.
    package var observations: [Violation] = []

    /// Starts an empty history.
    package init(cast: Cast) {
        self.cast = cast
    }

    /// All records of all segments.
    package var records: some Sequence<ServerRecord> { segments.lazy.flatMap(\.records) }

    /// Returns the milliseconds within a span in which the machine kept somebody waiting.
    package func stalled(within span: Span) -> UInt64 { standstills.lost(within: span) }

    /// Returns true if the machine was too busy around a span of time for milliseconds to say anything: somebody
    /// waited for a fifth of the time.
    package func isBusy(around span: Span) -> Bool {
        let wide = Span(span.start.saturatingSubtract(500), span.end + 500)
        return stalled(within: wide) > wide.length / 5
    }
}

/// Something that must not be.
package struct Violation: Sendable, Equatable, CustomStringConvertible {
    /// The invariant that does not hold.
    package let invariant: Invariant
    /// The evidence.
    package let text: String

    /// As in `lost: …`.
    package var description: String { "\(invariant.rawValue): \(text)" }

    /// Creates one.
    package init(_ invariant: Invariant, _ text: String) {
        self.invariant = invariant
        self.text = text
    }
}
