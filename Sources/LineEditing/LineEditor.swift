import CEditline

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The synchronous owner of one `EditLine`, which edits lines on a terminal.
///
/// It is used by one thread at a time; only ``keys`` hears from others.
final class LineEditor: @unchecked Sendable {
    // Invariant: `LineReader` runs one read after the other; everything but `keys` is touched within a read, and
    // the callbacks below run inside of `el_gets` on the same thread.
    let keys: TerminalKeys
    let output: Int32
    private let editor: OpaquePointer
    private let entries: OpaquePointer?
    private let files: [UnsafeMutablePointer<FILE>]
    private var prompt = strdup("")
    private var plainPrompt = ""
    private var assistant: (any LineAssistant)?
    private var wasInterrupted = false
    private var hasHint = false

    /// Opens an editor on a terminal; nil where it cannot be.
    init?(program: String, input: Int32, output: Int32) {
        // libedit reckons widths by the locale; outside of UTF-8 it could not show what was typed.
        if setlocale(LC_CTYPE, "") == nil || String(cString: nl_langinfo(Int32(CODESET))) != "UTF-8" {
            setlocale(LC_CTYPE, "C.UTF-8")
        }
        guard let reading = fdopen(dup(input), "r"), let writing = fdopen(dup(output), "w") else {
            return nil
        }
        guard let editor = el_init(program, reading, writing, writing) else { return nil }
        self.editor = editor
        self.output = output
        files = [reading, writing]
        keys = TerminalKeys(descriptor: input)
        entries = history_init()
        redstream_el_set_client_data(editor, Unmanaged.passUnretained(self).toOpaque())
        redstream_el_set_prompt(editor, { LineEditor.of($0)?.prompt }, 1)
        redstream_el_set_reader(editor) { LineEditor.of($0)?.readKey($1) ?? -1 }
        if let entries {
            redstream_history_set_size(entries, 100_000)
            redstream_el_set_history(editor, entries)
        }
        bindKeys()
        keys.listenToResizes()
    }

    deinit {
        el_end(editor)
        if let entries { history_end(entries) }
        for file in files { fclose(file) }
        free(prompt)
    }

    private static func of(_ editor: OpaquePointer?) -> LineEditor? {
        redstream_el_client_data(editor).map { Unmanaged.fromOpaque($0).takeUnretainedValue() }
    }

    private func bindKeys() {
        redstream_el_set_keys(editor, "emacs")
        redstream_el_bind(editor, "^R", "em-inc-search-prev")
        // What the user's own file says about these keys wins, but for those that must work.
        el_source(editor, nil)
        if redstream_el_keys(editor).map({ String(cString: $0) }) == "vi" {
            redstream_el_bind(editor, "^R", "em-inc-search-prev")
        }
        redstream_el_take_signal_keys(editor)
        redstream_el_add_function(editor, "redstream-complete", "complete the word") { editor, _ in
            LineEditor.of(editor)?.complete() ?? 0
        }
        redstream_el_add_function(editor, "redstream-interrupt", "forget the line") { editor, _ in
            LineEditor.of(editor)?.interrupt() ?? 0
        }
        redstream_el_add_function(editor, "redstream-suspend", "stop the program") { editor, _ in
            LineEditor.of(editor)?.suspend() ?? 0
        }
        redstream_el_add_function(editor, "redstream-paste", "take text as it is") { editor, _ in
            LineEditor.of(editor)?.paste() ?? 0
        }
        redstream_el_bind(editor, "^I", "redstream-complete")
        redstream_el_bind(editor, "^C", "redstream-interrupt")
        redstream_el_bind(editor, "^Z", "redstream-suspend")
        redstream_el_bind(editor, "\\e[200~", "redstream-paste")
    }

    /// Replaces what Ctrl-R and the arrow keys find.
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
        keys.forgetNotices()
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
    private var line: (text: String, beforeCursor: String) {
        guard let info = el_line(editor)?.pointee, let start = info.buffer else { return ("", "") }
        let text = UnsafeRawBufferPointer(start: start, count: info.lastchar - start)
        let before = UnsafeRawBufferPointer(start: start, count: info.cursor - start)
        return (String(decoding: text, as: UTF8.self), String(decoding: before, as: UTF8.self))
    }

    private func write(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { systemWrite(output, $0.baseAddress, $0.count) }
            guard count > 0 || errno == EINTR || errno == EAGAIN else { return }
            rest = rest.dropFirst(max(count, 0))
        }
    }
}

// What libedit calls: numbers are its CC_… codes.
extension LineEditor {
    private func readKey(_ key: UnsafeMutablePointer<wchar_t>?) -> Int32 {
        while true {
            if !keys.hasInput { showHint() }
            let event = keys.next()
            hideHint()
            switch event {
            case .character(let scalar):
                key?.pointee = wchar_t(truncatingIfNeeded: scalar.value)
                return 1
            case .interrupted:
                key?.pointee = 3
                return 1
            case .ended: return 0
            case .redraw: continue
            case .resized:
                el_resize(editor)
                redraw()
            }
        }
    }

    private func interrupt() -> UInt8 {
        wasInterrupted = true
        let rowsBelow = endPosition.row - cursorPosition.row
        write("^C" + String(repeating: "\r\n", count: rowsBelow + 1))
        return UInt8(CC_NEWLINE)
    }

    private func suspend() -> UInt8 {
        redstream_el_prepare_terminal(editor, 0)
        write("\u{1B}[?2004l\r\n")
        kill(0, SIGTSTP)
        write("\u{1B}[?2004h")
        redstream_el_prepare_terminal(editor, 1)
        redstream_el_refresh(editor)
        return UInt8(CC_NORM)
    }

    /// Takes what a terminal encloses when text is pasted: line feeds are text then, and run nothing.
    private func paste() -> UInt8 {
        var text = ""
        while !text.hasSuffix("\u{1B}[201~") {
            guard case .character(let scalar) = keys.next() else { break }
            text.unicodeScalars.append(scalar == "\r" ? "\n" : scalar)
        }
        if text.hasSuffix("\u{1B}[201~") { text.removeLast(6) }
        while text.hasSuffix("\n") { text.removeLast() }
        let safe = text.unicodeScalars.filter {
            $0.value >= 0x20 && $0.value != 0x7F || $0 == "\n" || $0 == "\t"
        }
        guard !safe.isEmpty else { return UInt8(CC_NORM) }
        var pasted = String.UnicodeScalarView()
        pasted.append(contentsOf: safe)
        guard el_insertstr(editor, String(pasted)) == 0 else { return UInt8(CC_ERROR) }
        return UInt8(CC_REFRESH)
    }

    private func complete() -> UInt8 {
        let line = self.line
        guard let assistant else { return UInt8(CC_ERROR) }
        let completion = assistant.completion(of: line.beforeCursor)
        guard !completion.candidates.isEmpty else {
            if completion.isCutShort { list(["(not found in time: press Tab again)"]) }
            return UInt8(CC_ERROR)
        }
        let typed = String(line.beforeCursor.suffix(completion.replacedCount))
        let isOnly = completion.candidates.count == 1 && !completion.isCutShort
        let text = isOnly ? completion.candidates[0] + completion.suffix : completion.commonPrefix
        // What was found in time may have more in common than all there is.
        if text != typed, text.count >= typed.count, !completion.isCutShort {
            el_deletestr(editor, Int32(typed.unicodeScalars.count))
            guard el_insertstr(editor, text) == 0 else { return UInt8(CC_ERROR) }
            return UInt8(CC_REFRESH)
        }
        guard !isOnly else { return UInt8(CC_NORM) }
        list(completion.candidates + (completion.isCutShort ? ["…"] : []))
        return UInt8(CC_NORM)
    }

    /// Shows candidates below the line, then the line anew.
    private func list(_ candidates: [String]) {
        let (columns, rows) = size
        let width = (candidates.map(ScreenText.width(of:)).max() ?? 0) + 2
        let perRow = max(1, columns / width)
        let height = (candidates.count + perRow - 1) / perRow
        let shownHeight = min(height, max(rows - 3, 1))
        var text = ""
        for row in 0..<shownHeight {
            var line = ""
            for index in stride(from: row, to: candidates.count, by: height) {
                let padding = String(
                    repeating: " ", count: max(0, width - ScreenText.width(of: candidates[index])))
                line += candidates[index] + padding
            }
            text += ScreenText.prefix(of: line, width: columns - 1).trimmingBlanks + "\r\n"
        }
        if shownHeight < height { text += "… \(candidates.count) in all\r\n" }
        let rowsBelow = endPosition.row - cursorPosition.row
        write(String(repeating: "\r\n", count: rowsBelow + 1) + "\u{1B}[J" + text)
        redstream_el_refresh(editor)
    }

    private func redraw() {
        let row = cursorPosition.row
        write("\r" + (row > 0 ? "\u{1B}[\(row)A" : "") + "\u{1B}[J")
        redstream_el_refresh(editor)
    }

    private var size: (columns: Int, rows: Int) {
        var window = winsize()
        guard ioctl(output, UInt(TIOCGWINSZ), &window) == 0, window.ws_col > 0 else { return (80, 24) }
        return (Int(window.ws_col), Int(window.ws_row))
    }

    private var cursorPosition: ScreenText { position(after: line.beforeCursor) }
    private var endPosition: ScreenText { position(after: line.text) }

    private func position(after text: String) -> ScreenText {
        var place = ScreenText(columns: size.columns)
        place.append(plainPrompt)
        place.append(text)
        return place
    }

    /// Draws a hint between the end of the text and the end of the row, so that it never scrolls or wraps.
    private func showHint() {
        let line = self.line
        guard let assistant, !line.text.contains("\n"), line.text == line.beforeCursor,
            let hint = assistant.hint(after: line.text), !hint.isEmpty
        else { return }
        let place = cursorPosition
        let room = place.columns - place.column - 1
        let shown = ScreenText.prefix(of: hint, width: room)
        guard place.column > 0, !shown.isEmpty else { return }
        write("\u{1B}[2m\(shown)\u{1B}[0m\u{1B}[\(ScreenText.width(of: shown))D")
        hasHint = true
    }

    private func hideHint() {
        guard hasHint else { return }
        hasHint = false
        write("\u{1B}[K")
    }
}

extension String {
    fileprivate var trimmingBlanks: String {
        var text = self
        while text.hasSuffix(" ") { text.removeLast() }
        return text
    }
}

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, bytes, count)
}
