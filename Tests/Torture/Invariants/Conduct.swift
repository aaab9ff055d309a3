/// Processes end when they are asked to, with the exit code that the manual gives.
enum Conduct {
    /// The milliseconds that a graceful stop may take: the default of `--grace`, and a second to end.
    private static let grace: UInt64 = 11_000

    static func violations(in history: History) -> [Violation] {
        history.processes.flatMap { violations(of: $0, in: history) }
    }

    private static func violations(of process: History.Process, in history: History) -> [Violation] {
        guard let exit = process.exit, let end = process.end else {
            return [Violation(.conduct, "\(process.name) never ended")]
        }
        func violation(_ text: String) -> [Violation] { [Violation(.conduct, "\(process.name) \(text)")] }
        if process.signals.contains(where: \.isKill) { return [] }
        let life = Span(process.start, end)
        let isProducer = process.role.hasPrefix("producer")
        guard let stop = process.signals.first else {
            // A producer whose input ended is done; one that met too few replicas says so and ends.
            if isProducer, exit == .status(0) { return [] }
            if isProducer, exit == .status(1), history.hasFault(.failover, within: life) { return [] }
            return violation("ended by itself: \(exit)")
        }
        let asked = Span(stop.time, end)
        let isDisturbed = history.disturbances.contains {
            ($0.process == nil || $0.process == process.name && $0.kind != .terminate) && $0.span.overlaps(asked)
        }
        if asked.length > grace + history.stalled(within: asked), !isDisturbed {
            return violation("took \(asked.length) ms to stop")
        }
        switch exit {
        case .status(0): return []
        case .status(143) where isProducer: return []
        // What it held could not be finished within its grace, since the server could not be reached.
        case .status where isDisturbed: return []
        default: return violation("was asked to stop and ended with \(exit)")
        }
    }
}

extension History {
    /// Returns true if a fault of a kind came within a span.
    func hasFault(_ kind: Fault.Kind, within span: Span) -> Bool {
        disturbances.contains { $0.kind == kind && $0.span.overlaps(span) }
    }
}
