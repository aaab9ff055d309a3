import Redstream

/// The cost of a primary's loss or change: the rounds of a run that had the same fault, together.
package struct FailoverFigures: Sendable, Equatable {
    /// The fault, as in the protocol of the run.
    package let fault: String
    package var rounds = 0
    /// The messages that were acknowledged within the rounds.
    package var acknowledged = 0
    /// Those of them that the successor never had, or that a consumer never got.
    package var lost = 0
    /// Those of the lost that every consumer had got before, at the primary that is gone.
    package var lostButHandled = 0
    /// From the oldest message that was lost in a round to the end of the primary that had it, or to the newest such
    /// message where it ended later; in milliseconds, of the worst round; nil where nothing was lost.
    package var window: UInt64?
    /// The longest time without a change by a role, in milliseconds.
    package var pauses: [Pause] = []

    /// The time in which the processes of a kind made no change.
    package struct Pause: Sendable, Equatable {
        package let role: Kind
        package var milliseconds: UInt64
    }

    /// A kind of role.
    package enum Kind: String, Sendable, CaseIterable {
        case producer, consumer, delayer, trimmer
    }

    /// The figures of a history, one for each fault of a server in the order in which they first came.
    package static func all(in history: History) -> [FailoverFigures] {
        let fates = Fates(history)
        let times = changes(in: history)
        var rows: [FailoverFigures] = []
        for fault in history.disturbances where fault.process == nil {
            let place = rows.firstIndex { $0.fault == fault.text } ?? rows.count
            if place == rows.count { rows.append(FailoverFigures(fault: fault.text)) }
            rows[place].add(fault, fates, history)
            for kind in Kind.allCases { rows[place].add(pause(of: times[kind] ?? [], within: fault.span), of: kind) }
        }
        return rows
    }

    private mutating func add(_ fault: History.Disturbance, _ fates: Fates, _ history: History) {
        rounds += 1
        let promotion = history.promotions.first { fault.span.overlaps(Span($0.start, $0.end)) }
        var oldest = UInt64.max
        var newest: UInt64 = 0
        for message in history.produced {
            guard let time = message.id?.milliseconds, fault.span.overlaps(Span(time, time)) else { continue }
            acknowledged += 1
            let isHandled = fates.isHandled(message)
            let isGone = promotion.map { !fates.isPresent(message, at: $0.successor) } ?? false
            guard isGone || !isHandled else { continue }
            lost += 1
            if isHandled { lostButHandled += 1 }
            (oldest, newest) = (min(oldest, time), max(newest, time))
        }
        guard oldest < .max else { return }
        window = max(window ?? 0, max(promotion?.start ?? 0, newest).saturatingSubtract(oldest))
    }

    private mutating func add(_ pause: UInt64, of kind: Kind) {
        if let place = pauses.firstIndex(where: { $0.role == kind }) {
            pauses[place].milliseconds = max(pauses[place].milliseconds, pause)
        } else {
            pauses.append(Pause(role: kind, milliseconds: pause))
        }
    }

    private static func pause(of times: [UInt64], within span: Span) -> UInt64 {
        zip(times, times.dropFirst()).lazy.filter { span.overlaps(Span($0, $1)) }.map { $1 - $0 }.max() ?? 0
    }

    /// When roles changed something, on whichever server, in order.
    private static func changes(in history: History) -> [Kind: [UInt64]] {
        let delayed = Set(history.produced.lazy.filter(\.isDelayed).map(\.payload))
        var times: [Kind: [UInt64]] = [:]
        for record in history.records where record.step > 0 {
            switch record.event {
            case .appended(_, let id, let payload):
                if !delayed.contains(payload) { times[.producer, default: []].append(id.milliseconds) }
            case .delayed(_, let id, _): times[.producer, default: []].append(id.milliseconds)
            case .committed(let consumer, _) where consumer.name != "delayer":
                times[.consumer, default: []].append(record.clock)
            case .moved: times[.delayer, default: []].append(record.clock)
            case .trimmed: times[.trimmer, default: []].append(record.clock)
            default: break
            }
        }
        return times.mapValues { $0.sorted() }
    }
}

/// The fates of messages.
private struct Fates {
    private var present: [String: Set<String>] = [:]
    private var reached: [ConsumerName: Set<String>] = [:]

    init(_ history: History) {
        for consumer in history.cast.consumers { reached[consumer] = Delivery.handled(by: consumer, in: history) }
        for segment in history.segments {
            for record in segment.records {
                switch record.event {
                case .appended(_, _, let payload), .delayed(_, _, let payload):
                    present[segment.server, default: []].insert(payload)
                case .deadLettered(let consumer, _, let payload): reached[consumer, default: []].insert(payload)
                default: break
                }
            }
        }
    }

    /// Returns true if a server has ever had the message, in its stream or its delay stream.
    func isPresent(_ message: History.Produced, at server: String) -> Bool {
        present[server]?.contains(message.payload) == true
    }

    /// Returns true if every consumer of its stream has got the message.
    func isHandled(_ message: History.Produced) -> Bool {
        reached.allSatisfy { $0.key.stream != message.stream || $0.value.contains(message.payload) }
    }
}
