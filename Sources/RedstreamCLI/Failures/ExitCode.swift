/// The exit status of the tool; the manual and the README show this table.
///
/// A command that runs another one (`sandbox`, `produce --around`) ends with that one's status, which may be any number.
struct ExitCode: RawRepresentable, Hashable, Sendable {
    let rawValue: Int32

    static let done = ExitCode(rawValue: 0)
    static let failed = ExitCode(rawValue: 1)
    static let checkFailed = ExitCode(rawValue: 2)
    static let usage = ExitCode(rawValue: 64)
    static let badData = ExitCode(rawValue: 65)
    static let unreachable = ExitCode(rawValue: 69)
    static let reportLost = ExitCode(rawValue: 74)
    static let lockHeld = ExitCode(rawValue: 75)
    static let interrupted = ExitCode(rawValue: 130)
    static let terminated = ExitCode(rawValue: 143)

    /// Every code of our own and what it means, as the manual says it.
    static let table: [(code: ExitCode, meaning: String)] = [
        (done, "done"),
        (failed, "failed"),
        (checkFailed, "a check failed"),
        (usage, "usage"),
        (badData, "bad input data"),
        (unreachable, "server unreachable"),
        (reportLost, "done, but the report could not be written"),
        (lockHeld, "lock held elsewhere"),
        (interrupted, "interrupted by Ctrl-C (0 for services stopped by a signal)"),
        (terminated, "terminated (0 for services stopped by a signal)"),
    ]
}
