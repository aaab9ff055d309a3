import Redstream

/// A delay message moves within 100 ms of its time while a delayer runs and nothing disturbs it.
///
/// By the server's clock: an entry's id in the delay stream and its id in the stream are both times of the server. What
/// the machine itself stood still is added to the bound; a thread that only sleeps, and the server's answers to a PING,
/// have measured it.
enum Punctuality {
    /// A move of one entry.
    struct Move {
        let stream: String
        let id: StreamID
        /// From when it was due until it stood in its stream.
        let span: Span
        let isDisturbed: Bool
    }

    static func violations(in history: History) -> [Violation] {
        moves(in: history).compactMap { move in
            guard !move.isDisturbed, move.span.length > Timing.promptness else { return nil }
            guard !history.isBusy(around: move.span) else { return nil }
            let bound = Timing.promptness + history.stalled(within: move.span)
            guard move.span.length > bound else { return nil }
            return Violation(
                .punctuality,
                "\(move.id) of \(move.stream).delay moved \(move.span.length) ms after its time, with nothing disturbed"
            )
        }
    }

    /// All moves of a history.
    static func moves(in history: History) -> [Move] {
        let disturbances = history.disturbances.filter { $0.process?.hasPrefix("delayer") != false }.map(\.span)
        var moves: [Move] = []
        for segment in history.segments {
            var step = -1
            var appended: [StreamID] = []
            for record in segment.records where record.step > 0 {
                if record.step != step { (step, appended) = (record.step, []) }
                switch record.event {
                case .appended(_, let id, _): appended.append(id)
                case .moved(let stream, let ids, _):
                    for (id, target) in zip(ids, appended) {
                        let span = Span(Moving.due(id), target.milliseconds)
                        let isDisturbed = disturbances.contains { $0.overlaps(span) }
                        moves.append(Move(stream: stream, id: id, span: span, isDisturbed: isDisturbed))
                    }
                default: break
                }
            }
        }
        return moves
    }
}
