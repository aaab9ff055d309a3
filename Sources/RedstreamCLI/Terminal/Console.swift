import LineEditing
import Redstream
import RedstreamSystem
import Synchronization

/// Standard error: lines for people, and on a terminal one line of progress below them.
///
/// Nothing waits for its reader for longer than a moment: neither a stop nor a lease depends on it.
final class Console: Sendable {
    let isTerminal: Bool
    private let descriptor: Int32
    private let writer: LineWriter
    private let progress = Mutex("")

    init(descriptor: Int32, isTerminal: Bool) {
        self.descriptor = descriptor
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

    /// Prints `redstream: ` and what happened, with advice in brackets, on a terminal in lines that fit.
    func note(_ text: String, advice: String? = nil) {
        say(folded("redstream: \(TerminalText.escaped(text + (advice.map { " (\($0))" } ?? "")))"))
    }

    /// Prints a question, and stays on its line.
    func ask(_ question: String) {
        show(progress: "")
        writer.write(folded(TerminalText.escaped(question)))
    }

    /// Prints a question but for its last line, which is returned for an editor of lines to show.
    func prompt(_ question: String) -> String {
        let lines = folded(TerminalText.escaped(question)).unicodeScalars.split(separator: "\n").map(String.init)
        if lines.count > 1 { say(lines.dropLast().joined(separator: "\n")) }
        return lines.last ?? ""
    }

    /// Prints a hint; nothing for nil.
    func hint(_ text: String?) {
        if let text { say(folded("hint: \(TerminalText.escaped(text))")) }
    }

    /// Shows a line of progress in place of the last one; an empty one clears it.
    ///
    /// Only on a terminal that takes it.
    func show(progress text: String) {
        guard isTerminal, text.isEmpty || !writer.isStuck else { return }
        // What went on in the next row could not be cleared.
        let shown = columns.map { ScreenText.prefix(of: text, width: $0 - 1) } ?? text
        progress.withLock { progress in
            writer.write(Self.clear(progress) + shown)
            progress = shown
        }
    }

    /// Gives the reader a last moment to take what is not written yet.
    func finish() {
        writer.finish()
    }

    /// The width of the terminal; nil where there is none.
    private var columns: Int? { isTerminal ? TerminalSize(of: descriptor)?.columns : nil }

    /// Returns a text in lines that the terminal need not break; elsewhere the text itself.
    private func folded(_ text: String) -> String {
        columns.map { ScreenText.folded(text, columns: $0, indent: 2) } ?? text
    }

    private static func clear(_ progress: String) -> String {
        progress.isEmpty ? "" : "\r\u{1B}[K"
    }
}
