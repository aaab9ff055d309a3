import Redstream

/// The longest time in which each role made no change, faults included.
///
/// Producers write all the time, and so there is always something to do.
enum Pauses {
    static func longest(in history: History) -> [(role: String, milliseconds: UInt64)] {
        var times: [String: [UInt64]] = [:]
        var end: UInt64 = 0
        for record in history.records where record.step > 0 {
            let role: String
            switch record.event {
            case .appended, .delayed:
                role = "producers"
                end = max(end, record.clock)
            case .committed(let consumer, _) where consumer.name != "delayer":
                role = "consumer \(consumer.name) of \(consumer.stream)"
            case .moved(let stream, _, _): role = "delayer of \(stream)"
            case .trimmed(let stream, _): role = "trimmer of \(stream)"
            default: continue
            }
            times[role, default: []].append(record.clock)
        }
        return times.keys.sorted().map { role in
            let moments = (times[role] ?? []).sorted()
            let gaps = zip(moments, moments.dropFirst()).map { $1 - $0 }
            return (role, gaps.max() ?? 0)
        }
    }
}
