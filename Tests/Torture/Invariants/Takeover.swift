import Redstream

/// A lock that changed hands after its holder was stopped or killed.
///
/// All by the server's clock: a lock is written with the time at which it ends, 5 s after it was taken, and a release
/// leaves a notification that ends 60 s later. Only the kill itself is of this machine's clock, which is the same.
package struct Takeover: Sendable, Equatable {
    /// Why the lock was free.
    package enum Cause: Sendable, Equatable {
        /// It was given back.
        case release
        /// Its holder was killed.
        case kill
    }

    package let lock: Lock
    package let cause: Cause
    /// From the release or the kill until another had the lock, in milliseconds.
    package let span: Span
    /// When the lease of a killed holder had run out, or the time of the release.
    package let free: UInt64
    /// True if nothing else was disturbed.
    package let isClean: Bool

    /// Takeovers that took longer than they may, though nothing else was disturbed.
    static func violations(in history: History) -> [Violation] {
        all(in: history).compactMap { takeover in
            let late = takeover.span.end.saturatingSubtract(takeover.free)
            guard takeover.isClean, late > Timing.promptness else { return nil }
            guard !history.isBusy(around: takeover.span) else { return nil }
            let bound = Timing.promptness + history.stalled(within: Span(takeover.free, takeover.span.end))
            guard late > bound else { return nil }
            let what = takeover.cause == .release ? "its release" : "the end of the killed holder's lease"
            return Violation(.takeover, "the lock of \(takeover.lock) was taken \(late) ms after \(what)")
        }
    }

    /// All takeovers of a history.
    package static func all(in history: History) -> [Takeover] {
        let processes = ProcessTable(history)
        return history.segments.flatMap { segment in
            var found: [Takeover] = []
            var held: [Lock: (holder: String, until: UInt64)] = [:]
            var freed: [Lock: (holder: String, until: UInt64, release: UInt64?)] = [:]
            for record in segment.records {
                switch record.event {
                case .renewed(let lock, let until): held[lock]?.until = until
                case .imported: freed = [:]
                case .unlocked(let lock, _):
                    if let old = held.removeValue(forKey: lock) { freed[lock] = (old.holder, old.until, nil) }
                case .notified(let lock, let time): freed[lock]?.release = time
                case .locked(let lock, let holder, let until):
                    let now = until.saturatingSubtract(Timing.lease)
                    if let old = freed.removeValue(forKey: lock), old.holder != holder, record.step > 0 {
                        let process = processes.process(
                            of: old.holder, at: old.until.saturatingSubtract(Timing.lease))
                        if let takeover = takeover(of: lock, from: old, process, at: now, history) {
                            found.append(takeover)
                        }
                    }
                    held[lock] = (holder, until)
                default: break
                }
            }
            return found
        }
    }

    private static func takeover(
        of lock: Lock, from old: (holder: String, until: UInt64, release: UInt64?), _ process: History.Process?,
        at now: UInt64, _ history: History
    ) -> Takeover? {
        // A trimmer takes its lock when its next pass is due.
        if case .trimmer = lock { return nil }
        func isClean(_ kind: Fault.Kind, _ moment: UInt64) -> Bool {
            history.disturbances.contains { fault in
                fault.isClean && fault.kind == kind && fault.process == process?.name
                    && fault.span.start <= moment && moment <= fault.span.end
            }
        }
        if let release = old.release {
            return Takeover(
                lock: lock, cause: .release, span: Span(release, now), free: release,
                isClean: isClean(.terminate, release))
        }
        if process?.exit == .status(0), let end = process?.end, process?.signals.first?.isKill == false, end <= now {
            // It was asked to stop, said that it had, and gave nothing back.
            let stop = process?.signals.first?.time ?? end
            return Takeover(
                lock: lock, cause: .release, span: Span(end, now), free: end, isClean: isClean(.terminate, stop))
        }
        guard let kill = process?.signals.first(where: \.isKill)?.time, kill <= now else { return nil }
        return Takeover(
            lock: lock, cause: .kill, span: Span(kill, now), free: max(old.until, kill), isClean: isClean(.kill, kill))
    }
}
