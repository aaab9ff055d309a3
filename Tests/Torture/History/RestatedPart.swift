/// Finds the end of what a rewritten append-only file of Redis 6.2 begins with: commands that make the data as it was.
///
/// Later commands follow in the same file, after a SELECT of its own. A copy of the data has no transactions;
/// a file that begins with some was never rewritten.
package struct RestatedPart {
    private var hasChosen = false
    private var isOver = false

    /// Begins at the beginning of a file.
    package init() {}

    /// Returns true if the copy ends right before a command, the next of the file.
    package mutating func ends(before command: [String]) -> Bool {
        guard !isOver else { return false }
        switch command.first?.uppercased() {
        case "MULTI": isOver = true
        case "SELECT":
            isOver = hasChosen
            hasChosen = true
            return isOver
        default: break
        }
        return false
    }
}
