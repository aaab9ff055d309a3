import Redstream

/// A lock changes hands only when it was given back, or when its time had passed.
enum Exclusion {
    static func violations(in history: History) -> [Violation] {
        history.segments.flatMap { violations(in: $0) }
    }

    private struct Holding {
        var holder: String
        var until: UInt64
    }

    private static func violations(in segment: Segment) -> [Violation] {
        var found: [Violation] = []
        var held: [Lock: Holding] = [:]
        /// Leases that ended without a release, and until when they were given.
        var expired: [Lock: Holding] = [:]
        for record in segment.records {
            switch record.event {
            case .locked(let lock, let holder, let until):
                let now = until.saturatingSubtract(Timing.lease)
                if let current = held[lock], current.holder != holder {
                    found.append(Violation(.exclusion, "\(holder) took the lock of \(lock) from \(current.holder)"))
                }
                if let old = expired.removeValue(forKey: lock), old.until > now {
                    found.append(
                        Violation(
                            .exclusion,
                            "\(holder) took the lock of \(lock) \(old.until - now) ms before \(old.holder)'s lease was over"
                        ))
                }
                held[lock] = Holding(holder: holder, until: until)
            case .renewed(let lock, let until): held[lock]?.until = until
            // Meanwhile locks may have changed hands elsewhere.
            case .imported: expired = [:]
            case .unlocked(let lock, let released):
                let holding = held.removeValue(forKey: lock)
                expired[lock] = released ? nil : holding
            default:
                guard record.step > 0, let lock = lock(for: record.event) else { continue }
                found += unlocked(record, lock, held[lock])
            }
        }
        return found
    }

    /// The lock under which an event may happen.
    static func lock(for event: ServerEvent) -> Lock? {
        switch event {
        case .committed(let consumer, _):
            // A delayer writes its offset for others to see, in the step that moves.
            consumer.name == "delayer" ? nil : .consumer(consumer)
        case .deadLettered(let consumer, _, _): .consumer(consumer)
        case .moved(let stream, _, _): .delayer(of: stream)
        case .trimmed(let stream, _): .trimmer(of: stream)
        default: nil
        }
    }

    /// A change without the lock, or under a lease that had run out.
    private static func unlocked(_ record: ServerRecord, _ lock: Lock, _ holding: Holding?) -> [Violation] {
        guard let holding else {
            return [Violation(.exclusion, "a change was made without the lock of \(lock): \(record.event.summary)")]
        }
        guard holding.until < record.clock else { return [] }
        return [
            Violation(
                .exclusion,
                "\(holding.holder) made a change \(record.clock - holding.until) ms after its lease of \(lock) was over: \(record.event.summary)"
            )
        ]
    }
}

extension ServerEvent {
    /// A few words for a report.
    var summary: String {
        switch self {
        case .appended(let stream, let id, let payload): "\(stream) got \(id) \(payload)"
        case .delayed(let stream, let id, let payload): "\(stream).delay got \(id) \(payload)"
        case .moved(let stream, let ids, _): "\(ids.count) left \(stream).delay up to \(ids.last ?? .zero)"
        case .trimmed(let stream, let ids): "\(ids.count) left \(stream) up to \(ids.last ?? .zero)"
        case .committed(let consumer, let id): "\(consumer.name) of \(consumer.stream) committed \(id)"
        case .deadLettered(let consumer, let id, _): "\(consumer.name) of \(consumer.stream) gave up \(id)"
        case .locked(let lock, let holder, _): "\(holder) took \(lock)"
        case .renewed(let lock, _): "\(lock) was renewed"
        case .unlocked(let lock, _): "\(lock) became free"
        case .notified(let lock, _): "\(lock) was given back"
        case .imported: "a key came from another server"
        }
    }
}
