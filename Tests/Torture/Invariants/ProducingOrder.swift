import Redstream

/// A producer's messages stand in a stream in the order in which it was given them.
///
/// A message that was sent again after a broken connection may be there twice. So it may come before the one that it
/// was given after, if it comes once more behind it.
enum ProducingOrder {
    static func violations(in history: History) -> [Violation] {
        history.segments.flatMap { segment in
            var places: [String: (first: Int, last: Int)] = [:]
            for (place, record) in segment.records.enumerated() {
                switch record.event {
                case .appended(_, _, let payload), .delayed(_, _, let payload):
                    places[payload] = (places[payload]?.first ?? place, place)
                default: break
                }
            }
            return violations(in: history, places)
        }
    }

    private static func violations(
        in history: History, _ places: [String: (first: Int, last: Int)]
    ) -> [Violation] {
        var found: [Violation] = []
        var previous: [String: History.Produced] = [:]
        for message in history.produced where message.id != nil && !message.isDelayed {
            defer { previous[message.producer] = message }
            guard let earlier = previous[message.producer], let before = places[earlier.payload],
                let here = places[message.payload], here.last < before.first
            else { continue }
            found.append(Violation(.order, "\(message.payload) stands before \(earlier.payload)"))
        }
        return found
    }
}
