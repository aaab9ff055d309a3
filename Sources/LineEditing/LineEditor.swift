import CEditline
import RedstreamSystem

/// The synchronous owner of one `EditLine`, which edits lines on a terminal.
///
/// It is used by one thread at a time; only ``keys`` hears from others.
final class LineEditor: @unchecked Sendable {
    // Invariant: `LineReader` runs one read after the other; everything but `keys` is touched within a read, and
    // the callbacks below run inside of `el_gets` on the same thread.
    let keys: TerminalKeys
    let output: Int32
    let editor: OpaquePointer
    private let entries: OpaquePointer?
    private let reading: UnsafeMutablePointer<FILE>
    let writing: UnsafeMutablePointer<FILE>
    private var prompt = strdup("")
    private(set) var plainPrompt = ""
    private(set) var assistant: (any LineAssistant)?
    /// True if Ctrl-C ended the line.
    var wasInterrupted = false
    /// True if a hint stands behind the text.
    var hasHint = false
    /// True if the keys being read were typed before the editor was ready for them.
    var isTypedAhead = false
    /// True if the user's own file has chosen vi's keys.
    private(set) var hasViKeys = false
    /// The meanings of the terminal's escape sequences.
    private(set) var bindings = KeyBindings(listing: "", terminal: "")
    /// Characters that libedit takes before it waits for a key.
    var typed: ArraySlice<Unicode.Scalar> = []
    /// The number of characters typed of a text that libedit asks for; nil while it asks for none.
    var askedCount: Int?
    /// True if a paste has begun, and the mark at its end has not come yet.
    var hasOpenPaste = false
    /// The bytes read so far of a paste that goes on.
    var pasteStart: [UInt8] = []

    /// Opens an editor on a terminal, which TERM names; nil where it cannot be.
    init?(program: String, input: Int32, output: Int32, terminal: String) {
        // libedit takes widths from the locale; outside of UTF-8 it could not show typed text.
        if setlocale(LC_CTYPE, "") == nil || String(cString: nl_langinfo(Int32(CODESET))) != "UTF-8" {
            setlocale(LC_CTYPE, "C.UTF-8")
        }
        guard let keys = try? TerminalKeys(descriptor: input) else { return nil }
        guard let reading = fdopen(dup(input), "r"), let writing = fdopen(dup(output), "w") else {
            return nil
        }
        guard let editor = el_init(program, reading, writing, writing) else { return nil }
        self.editor = editor
        self.output = output
        self.reading = reading
        self.writing = writing
        self.keys = keys
        entries = history_init()
        redstream_el_set_client_data(editor, Unmanaged.passUnretained(self).toOpaque())
        redstream_el_set_prompt(editor, { LineEditor.of($0)?.prompt }, 1)
        redstream_el_set_reader(editor) { LineEditor.of($0)?.readKey($1) ?? -1 }
        if let entries {
            redstream_history_set_size(entries, 100_000)
            redstream_el_set_history(editor, entries)
        }
        (bindings, hasViKeys) = bindKeys(terminal: terminal)
        keys.listenToResizes()
    }

    deinit {
        el_end(editor)
        if let entries { history_end(entries) }
        fclose(reading)
        fclose(writing)
        free(prompt)
    }

    static func of(_ editor: OpaquePointer?) -> LineEditor? {
        redstream_el_client_data(editor).map { Unmanaged.fromOpaque($0).takeUnretainedValue() }
    }

    /// Replaces the lines that Ctrl-R and the arrow keys find.
    func setHistory(_ lines: [String]) {
        guard let entries else { return }
        redstream_history_clear(entries)
        for line in lines { redstream_history_enter(entries, line) }
    }

    /// Adds a line that the arrow keys find.
    func addHistory(_ line: String) {
        guard let entries else { return }
        redstream_history_enter(entries, line)
    }

    /// Edits one line; what encloses colours in the prompt is U+0001.
    func read(prompt: String, assistant: (any LineAssistant)?) -> LineOutcome {
        free(self.prompt)
        self.prompt = strdup(prompt)
        plainPrompt = prompt.split(separator: "\u{1}", omittingEmptySubsequences: false).enumerated()
            .filter { $0.offset % 2 == 0 }.map { String($0.element) }.joined()
        self.assistant = assistant
        wasInterrupted = false
        isTypedAhead = true
        askedCount = nil
        hasOpenPaste = false
        keys.forgetNotices()
        keys.listenToJobControl(true)
        defer { keys.listenToJobControl(false) }
        // libedit would show the prompt first, and the terminal itself echo a key that came right after it.
        redstream_el_prepare_terminal(editor, 1)
        // A window may have changed its size while a command ran.
        el_resize(editor)
        write("\u{1B}[?2004h")
        defer { write("\u{1B}[?2004l") }
        var count: Int32 = 0
        guard let text = el_gets(editor, &count), count > 0 else {
            if wasInterrupted { return .interrupted }
            write("\r\n")
            return .ended
        }
        if wasInterrupted { return .interrupted }
        var line = Array(UnsafeRawBufferPointer(start: text, count: strlen(text)))
        if line.last == UInt8(ascii: "\n") { line.removeLast() }
        return .line(line)
    }

    /// The text of the line, and where the cursor stands in it.
    var line: (text: String, beforeCursor: String) {
        guard let info = el_line(editor)?.pointee, let start = info.buffer else { return ("", "") }
        let text = UnsafeRawBufferPointer(start: start, count: info.lastchar - start)
        let before = UnsafeRawBufferPointer(start: start, count: info.cursor - start)
        return (String(decoding: text, as: UTF8.self), String(decoding: before, as: UTF8.self))
    }

    func write(_ text: String) {
        // Nowhere is left to complain to.
        try? Descriptor.writeAll(Array(text.utf8), to: output)
    }
}
