/// The rules that hold of every history, whatever the faults were.
///
/// Each is a pure function of the recorded history; a test shows each of them to fail on a history that breaks it.
package enum Invariant: String, Sendable, CaseIterable {
    /// Every acknowledged message reaches every consumer at least once.
    case delivery = "lost"
    /// Handlers get a stream in its order, and a producer's messages stand in theirs, save for what comes again.
    case order = "order"
    /// At most one process commits, moves or trims at a time, and only under the lock.
    case exclusion = "exclusion"
    /// Offsets never go backwards.
    case offsets = "offsets"
    /// No trim removes what a protected consumer has not committed.
    case trimming = "trim"
    /// An entry that leaves a delay stream is in its stream, once, and not before its time.
    case moving = "delay"
    /// Delay messages move within 100 ms of their time while a delayer runs.
    case punctuality = "late"
    /// A standby takes over within the lease after a kill, and within 100 ms after a graceful stop.
    case takeover = "takeover"
    /// Processes end when they are asked to and as they are asked to, and not otherwise.
    case conduct = "conduct"
    /// After every fault, and at the end, all work is taken up again and done.
    case recovery = "recovery"
    /// Nothing is left that nobody needs: keys, locks, connections, processes.
    case tidiness = "leak"

    /// Returns its violations in a history.
    package func violations(in history: History) -> [Violation] {
        switch self {
        case .delivery: Delivery.violations(in: history)
        case .order: HandlingOrder.violations(in: history) + ProducingOrder.violations(in: history)
        case .exclusion: Exclusion.violations(in: history) + Authorship.violations(in: history)
        case .offsets: Offsets.violations(in: history)
        case .trimming: Trimming.violations(in: history)
        case .moving: Moving.violations(in: history)
        case .punctuality: Punctuality.violations(in: history)
        case .takeover: Takeover.violations(in: history)
        case .conduct: Conduct.violations(in: history)
        case .recovery, .tidiness: history.observations.filter { $0.invariant == self }
        }
    }

    /// Returns the violations of all of them.
    package static func allViolations(in history: History) -> [Violation] {
        allCases.flatMap { $0.violations(in: history) }
    }
}
