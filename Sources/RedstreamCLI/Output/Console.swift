import RedstreamSystem
import Synchronization

/// Standard error: lines for people, and on a terminal one line of progress below them.
final class Console: Sendable {
    let isTerminal: Bool
    private let descriptor: Int32
    private let progress = Mutex("")

    init(descriptor: Int32, isTerminal: Bool) {
        self.descriptor = descriptor
        self.isTerminal = isTerminal
    }

    /// Prints a line, above the progress.
    func say(_ line: String) {
        progress.withLock { progress in
            write(Self.clear(progress) + line + "\n" + progress)
        }
    }

    /// Prints `redstream: ` and what happened.
    func note(_ text: String) {
        say("redstream: \(TerminalText.escaped(text))")
    }

    /// Prints a question, and stays on its line.
    func ask(_ question: String) {
        show(progress: "")
        write(TerminalText.escaped(question))
    }

    /// Prints a failure and its hint.
    func fail(_ failure: Failure) {
        note(failure.message)
        hint(failure.hint)
    }

    /// Prints a hint; nothing for nil.
    func hint(_ text: String?) {
        if let text { say("hint: \(TerminalText.escaped(text))") }
    }

    /// Shows a line of progress in place of the last one; an empty one clears it.
    ///
    /// Only on a terminal.
    func show(progress text: String) {
        guard isTerminal else { return }
        progress.withLock { progress in
            write(Self.clear(progress) + text)
            progress = text
        }
    }

    private static func clear(_ progress: String) -> String {
        progress.isEmpty ? "" : "\r\u{1B}[K"
    }

    private func write(_ text: String) {
        // Nowhere is left to complain to.
        try? Descriptor.writeAll(Array(text.utf8), to: descriptor)
    }
}
