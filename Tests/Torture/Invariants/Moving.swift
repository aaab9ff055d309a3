import Redstream

/// Checks that an entry that leaves a delay stream is in its stream: once, in order, appended by the same atomic
/// step, and not before its time.
enum Moving {
    static func violations(in history: History) -> [Violation] {
        history.segments.flatMap { segment in
            var found: [Violation] = []
            var step = -1
            var appended: [String: [(id: StreamID, payload: String)]] = [:]
            for record in segment.records where record.step > 0 {
                if record.step != step { (step, appended) = (record.step, [:]) }
                switch record.event {
                case .appended(let stream, let id, let payload): appended[stream, default: []].append((id, payload))
                case .moved(let stream, let ids, let payloads):
                    let targets = appended[stream] ?? []
                    if targets.map(\.payload) != payloads {
                        found.append(
                            Violation(
                                .moving,
                                "\(ids.count) left \(stream).delay up to \(ids.last ?? .zero), and \(targets.count) came to \(stream)"
                            ))
                    }
                    for (id, target) in zip(ids, targets) where target.id.milliseconds < due(id) {
                        found.append(
                            Violation(
                                .moving, "\(id) moved \(due(id) - target.id.milliseconds) ms before its time"))
                    }
                default: break
                }
            }
            return found
        }
    }

    /// When an entry of a delay stream is to move.
    static func due(_ id: StreamID) -> UInt64 { id.milliseconds + UInt64(Cast.delay.milliseconds) }
}
