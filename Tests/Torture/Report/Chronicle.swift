/// The faults, processes and standstills of a run as lines in the order of time, to be read beside a violation.
package enum Chronicle {
    /// The lines, each with its time in milliseconds since 1970.
    package static func text(of history: History) -> String {
        var lines: [(UInt64, String)] = []
        for fault in history.disturbances {
            let process = fault.process.map { ": \($0)" } ?? ""
            lines.append((fault.span.start, "fault \(fault.text)\(process)\(fault.isClean ? " (alone)" : "")"))
            lines.append((fault.span.end, "settled \(fault.text)"))
        }
        for process in history.processes {
            lines.append((process.start, "start \(process.name) as \(process.processID)"))
            for signal in process.signals {
                lines.append((signal.time, "\(signal.isKill ? "SIGKILL" : "SIGTERM") \(process.name)"))
            }
            if let end = process.end, let exit = process.exit { lines.append((end, "end \(process.name): \(exit)")) }
        }
        for standstill in history.standstills.all {
            lines.append((standstill.span.start, "the machine kept somebody waiting for \(standstill.lost) ms"))
        }
        for move in Punctuality.moves(in: history) where move.span.length > Timing.promptness {
            let words = move.isDisturbed ? "" : ", undisturbed"
            lines.append((move.span.end, "\(move.id) of \(move.stream).delay was \(move.span.length) ms late\(words)"))
        }
        for segment in history.segments {
            for record in segment.records {
                switch record.event {
                case .locked(let lock, let holder, let until) where !lock.isTrimmers:
                    lines.append((until.saturatingSubtract(Timing.lease), "\(segment.server): \(holder) took \(lock)"))
                case .unlocked(let lock, _) where !lock.isTrimmers:
                    lines.append((record.clock, "\(segment.server): \(record.event.summary)"))
                default: break
                }
            }
        }
        return lines.sorted { $0.0 < $1.0 }.map { "\($0) \($1)\n" }.joined()
    }
}

extension Lock {
    /// True if it is taken for a pass only, over and over.
    fileprivate var isTrimmers: Bool {
        if case .trimmer = self { true } else { false }
    }
}
