import Redstream

/// A list in the help and the manual of a command: its exit codes, or the verdicts.
struct HelpSection: Sendable {
    let title: String
    let items: [(term: String, text: String)]

    init(_ title: String, _ items: [(term: String, text: String)]) {
        self.title = title
        self.items = items
    }

    /// Creates a list of exit codes.
    init(exitCodes: [(code: ExitCode, meaning: String)]) {
        self.init("EXIT CODES", exitCodes.map { ("\($0.code.rawValue)", $0.meaning) })
    }
}

extension Verdict {
    /// The verdicts in the order in which they are tried: what each means, and what to do about it; empty for nothing.
    static let advice: [(verdict: Verdict, meaning: String, advice: String)] = [
        (
            .orphan, "there is an offset, but no stream",
            "run redstream forget if the stream is gone for good"
        ),
        (
            .ahead, "the offset is beyond the stream's last id: nothing will be read",
            "find out if the stream was deleted or restored; run redstream seek --to earliest or latest"
        ),
        (
            .gap, "entries after the offset were trimmed before they were read",
            "bring the secondary up to date from the primary; the next commit ends it"
        ),
        (
            .stalled, "the lock is held, but entries wait longer than --stalled-after and the offset does not move",
            "look at the holder's log: its handler hangs or fails"
        ),
        (.stopped, "entries wait, and no process holds the lock", "start the consumer"),
        (.active, "a process holds the lock", ""),
        (.idle, "no entries wait, and no process holds the lock", ""),
    ]
}
