import Redstream

/// The figures of a run.
package struct Figures: Sendable, Equatable {
    package var faults: [(kind: Fault.Kind, count: Int)] = []
    package var produced = 0
    package var acknowledged = 0
    /// Messages that stand more than once where their producer has put them.
    package var doubled = 0
    /// Messages that a consumer has handled, each counted once for each consumer.
    package var handled = 0
    package var redelivered = 0
    package var lost = 0
    package var moved = 0
    package var trimmed = 0
    package var deadLetters = 0
    /// The number of delay messages that moved with nothing disturbed.
    package var undisturbedMoves = 0
    /// In milliseconds; nil where there was none.
    package var longestDelayUndisturbed: UInt64?
    package var longestTakeoverAfterKill: UInt64?
    package var longestTakeoverAfterStop: UInt64?
    package var takeoversAfterKill = 0
    package var takeoversAfterStop = 0
    package var longestTakeoverInStorm: UInt64?
    /// The longest time between two changes that a role made, by its name.
    package var pauses: [(role: String, milliseconds: UInt64)] = []
    /// The milliseconds that the machine stood still in all.
    package var stalled: UInt64 = 0

    /// Counts what is in a history.
    package init(_ history: History) {
        for kind in Fault.Kind.allCases {
            let count = history.disturbances.filter { $0.kind == kind }.count
            if count > 0 { faults.append((kind, count)) }
        }
        produced = history.produced.count
        acknowledged = history.produced.filter { $0.id != nil }.count
        countHandled(history)
        countEvents(history)
        let moves = Punctuality.moves(in: history)
        let undisturbed = moves.filter { !$0.isDisturbed }
        undisturbedMoves = undisturbed.count
        longestDelayUndisturbed = undisturbed.map(\.span.length).max()
        countTakeovers(history)
        pauses = Pauses.longest(in: history)
        stalled = history.stalled(within: Span(0, .max))
        lost = Delivery.violations(in: history).count
    }

    private mutating func countHandled(_ history: History) {
        for (_, batches) in history.batches {
            let all = batches.reduce(0) { $0 + $1.entries.count }
            let distinct = Set(batches.lazy.flatMap(\.entries).map(\.id)).count
            handled += distinct
            redelivered += all - distinct
        }
    }

    private mutating func countEvents(_ history: History) {
        var trimmedIDs: Set<String> = []
        var movedIDs: Set<String> = []
        var letters: Set<String> = []
        var copies: [String: Set<StreamID>] = [:]
        let isDelayed = Set(history.produced.lazy.filter(\.isDelayed).map(\.payload))
        for record in history.records {
            switch record.event {
            case .trimmed(let stream, let ids): for id in ids { trimmedIDs.insert("\(stream) \(id)") }
            case .moved(let stream, let ids, _): for id in ids { movedIDs.insert("\(stream) \(id)") }
            case .deadLettered(let consumer, let id, _): letters.insert("\(consumer.stream) \(consumer.name) \(id)")
            case .delayed(_, let id, let payload): copies[payload, default: []].insert(id)
            case .appended(_, let id, let payload):
                // What a delayer has appended is no copy of its producer's.
                if !isDelayed.contains(payload) { copies[payload, default: []].insert(id) }
            default: break
            }
        }
        (moved, trimmed, deadLetters) = (movedIDs.count, trimmedIDs.count, letters.count)
        doubled = copies.values.filter { $0.count > 1 }.count
    }

    private mutating func countTakeovers(_ history: History) {
        for takeover in Takeover.all(in: history) {
            let time = takeover.span.length
            switch (takeover.isClean, takeover.cause) {
            case (true, .kill):
                takeoversAfterKill += 1
                longestTakeoverAfterKill = max(longestTakeoverAfterKill ?? 0, time)
            case (true, .release):
                takeoversAfterStop += 1
                longestTakeoverAfterStop = max(longestTakeoverAfterStop ?? 0, time)
            case (false, _): longestTakeoverInStorm = max(longestTakeoverInStorm ?? 0, time)
            }
        }
    }

    /// Returns true if two are the same.
    package static func == (left: Figures, right: Figures) -> Bool { "\(left)" == "\(right)" }
}
