package import RedstreamSystem
import Synchronization

/// Reads commands from a terminal, with editing if the terminal is able to.
///
/// It reads on threads of its own, one line at a time.
package final class LineReader: Sendable {
    private let editor: LineEditor?
    private let plain: PlainLines?
    private let output: Int32
    private let thread = WorkerThread()
    private let assistant: any LineAssistant

    /// Opens a reader.
    ///
    /// `program` is the name under which the user's `.editrc` has settings for it. `terminal` is TERM; nothing is
    /// edited where it is empty or `dumb`.
    ///
    /// - Throws: `SystemError` if the system has no means to end a wait.
    package init(
        program: String, input: Int32, output: Int32, terminal: String?, assistant: any LineAssistant
    ) throws(SystemError) {
        let isAble = isatty(input) == 1 && isatty(output) == 1 && terminal ?? "" != "" && terminal != "dumb"
        editor = isAble ? LineEditor(program: program, input: input, output: output, terminal: terminal ?? "") : nil
        plain = editor == nil ? try PlainLines(descriptor: input) : nil
        self.output = output
        self.assistant = assistant
    }

    /// True if lines can be edited, and colours shown.
    package var isEditing: Bool { editor != nil }

    /// Replaces the lines that Ctrl-R and the arrow keys find; not while a line is read.
    package func setHistory(_ lines: [String]) {
        editor?.setHistory(lines)
    }

    /// Adds a line that Ctrl-R and the arrow keys find; not while a line is read.
    package func addHistory(_ line: String) {
        editor?.addHistory(line)
    }

    /// Reads a command, of several lines while a quote is open; further ones have a prompt of their own.
    ///
    /// Escape sequences in a prompt stand between two U+0001.
    ///
    /// - Throws: `SystemError` if the system refuses the thread, or the read.
    package func command(prompt: String, continuation: String) async throws -> LineOutcome {
        try await thread.run { [self] in
            var text: [UInt8] = []
            var next = prompt
            while true {
                let helper: any LineAssistant =
                    text.isEmpty ? assistant : Continued(text: text, base: assistant)
                switch try read(prompt: next, assistant: helper) {
                case .line(let line):
                    text += line
                    if assistant.isComplete(String(decoding: text, as: UTF8.self)) { return .line(text) }
                    text.append(UInt8(ascii: "\n"))
                    next = continuation
                case .interrupted: return .interrupted
                // The end of the input within a quote ends what was begun.
                case .ended: return text.isEmpty ? .ended : .line(text)
                }
            }
        }
    }

    /// Reads the answer to a question: no history, no completion.
    ///
    /// - Throws: `SystemError` if the system refuses the thread, or the read.
    package func answer(to question: String) async throws -> LineOutcome {
        try await thread.run { [self] in try read(prompt: question, assistant: nil) }
    }

    /// Ends the read that is going on, as Ctrl-C does.
    package func interrupt() {
        editor?.keys.notify(.interrupt)
        plain?.interrupt()
    }

    /// Forgets an interruption that came while no line was read.
    package func forgetInterruptions() {
        plain?.forgetInterruptions()
    }

    /// Asks for the hint anew, when more is known than before.
    package func redraw() {
        editor?.keys.notify(.redraw)
    }

    private func read(prompt: String, assistant: (any LineAssistant)?) throws(SystemError) -> LineOutcome {
        if let editor { return editor.read(prompt: prompt, assistant: assistant) }
        try? Descriptor.writeAll(prompt.utf8.filter { $0 != 1 }, to: output)
        let outcome = try plain?.next() ?? .ended
        if outcome == .interrupted { try? Descriptor.writeAll([UInt8(ascii: "\n")], to: output) }
        return outcome
    }
}

/// Helps in a further line of a command.
private struct Continued: LineAssistant {
    let text: [UInt8]
    let base: any LineAssistant

    func hint(after line: String) -> String? {
        nil
    }

    func completion(of line: String) -> Completion {
        base.completion(of: String(decoding: text, as: UTF8.self) + line)
    }

    func isComplete(_ line: String) -> Bool {
        base.isComplete(line)
    }
}

/// The end of reading a line.
package enum LineOutcome: Sendable, Equatable {
    /// A line, or several where a quote was open or text was pasted; without the last line feed.
    case line([UInt8])
    /// Ctrl-C: the typed text is to be forgotten.
    case interrupted
    /// Ctrl-D, or the end of the input.
    case ended
}
