/// The exit codes, in one place; the manual and the README show this table.
enum ExitCode: Int32, CaseIterable, Sendable {
    case done = 0
    case failed = 1
    case checkFailed = 2
    case usage = 64
    case badData = 65
    case unreachable = 69
    case lockHeld = 75
    case interrupted = 130
    case terminated = 143

    /// What the code means, as the manual says it.
    var meaning: String {
        switch self {
        case .done: "done"
        case .failed: "failed"
        case .checkFailed: "a check failed (--max-lag, --max-behind)"
        case .usage: "wrong usage"
        case .badData: "bad input data"
        case .unreachable: "the server cannot be reached"
        case .lockHeld: "the lock is held elsewhere"
        case .interrupted: "interrupted (SIGINT)"
        case .terminated: "terminated (SIGTERM)"
        }
    }
}
