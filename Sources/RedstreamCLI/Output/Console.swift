import Redstream
import Synchronization

/// Standard error: lines for people, and on a terminal one line of progress below them.
///
/// Nothing waits for its reader for longer than a moment: neither a stop nor a lease depends on it.
final class Console: Sendable {
    let isTerminal: Bool
    private let writer: LineWriter
    private let progress = Mutex("")

    init(descriptor: Int32, isTerminal: Bool) {
        self.isTerminal = isTerminal
        writer = LineWriter(descriptor: descriptor) {
            "redstream: \($0.counted("line was", "lines were")) dropped here: standard error was not read\n"
        }
    }

    /// Prints a line, above the progress.
    func say(_ line: String) {
        progress.withLock { progress in
            writer.write(Self.clear(progress) + line + "\n" + progress)
        }
    }

    /// Prints `redstream: ` and what happened.
    func note(_ text: String) {
        say("redstream: \(TerminalText.escaped(text))")
    }

    /// Prints a question, and stays on its line.
    func ask(_ question: String) {
        show(progress: "")
        writer.write(TerminalText.escaped(question))
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
    /// Only on a terminal that takes it.
    func show(progress text: String) {
        guard isTerminal, text.isEmpty || !writer.isStuck else { return }
        progress.withLock { progress in
            writer.write(Self.clear(progress) + text)
            progress = text
        }
    }

    /// Gives the reader a last moment to take what is not written yet.
    func finish() {
        writer.finish()
    }

    private static func clear(_ progress: String) -> String {
        progress.isEmpty ? "" : "\r\u{1B}[K"
    }
}
