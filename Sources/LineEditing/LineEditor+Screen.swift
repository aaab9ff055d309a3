import CEditline
import RedstreamSystem

// Text on the screen, and hints and completions, which libedit does not draw.
extension LineEditor {
    /// Draws the line anew in its place.
    func redraw() {
        let row = cursorPosition.row
        write("\r" + (row > 0 ? "\u{1B}[\(row)A" : "") + "\u{1B}[J")
        redstream_el_refresh(editor)
    }

    /// The window's size; where it is not known, the usual one.
    var size: TerminalSize { TerminalSize(of: output) ?? TerminalSize(columns: 80, rows: 24) }

    var cursorPosition: ScreenText { position(after: line.beforeCursor) }
    var endPosition: ScreenText { position(after: line.text) }

    private func position(after text: String) -> ScreenText {
        var place = ScreenText(columns: size.columns)
        place.append(plainPrompt)
        place.append(text)
        return place
    }

    /// Draws a hint between the end of the text and the end of the row, so that it never scrolls or wraps.
    func showHint() {
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

    /// Takes the hint off the screen.
    func hideHint() {
        guard hasHint else { return }
        hasHint = false
        write("\u{1B}[K")
    }

    /// Completes the word before the cursor, or lists its candidates.
    func complete() -> UInt8 {
        let line = self.line
        guard let assistant else { return UInt8(CC_ERROR) }
        let completion = assistant.completion(of: line.beforeCursor)
        guard !completion.candidates.isEmpty else {
            if completion.isCutShort { list(["(not found in time: press Tab again)"]) }
            return UInt8(CC_ERROR)
        }
        let typed = String(line.beforeCursor.unicodeScalars.suffix(completion.replacedCount))
        let isOnly = completion.candidates.count == 1 && !completion.isCutShort
        let text = isOnly ? completion.candidates[0] + completion.suffix : completion.commonPrefix
        // The candidates found in time may have a longer common prefix than all of them.
        if !text.utf8.elementsEqual(typed.utf8), text.unicodeScalars.count >= typed.unicodeScalars.count,
            !completion.isCutShort
        {
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
        let size = self.size
        let width = (candidates.map { ScreenText.width(of: $0) }.max() ?? 0) + 2
        let perRow = max(1, size.columns / width)
        let height = (candidates.count + perRow - 1) / perRow
        let shownHeight = min(height, max(size.rows - 3, 1))
        var text = ""
        for row in 0..<shownHeight {
            var line = ""
            for index in stride(from: row, to: candidates.count, by: height) {
                line += candidates[index] + ScreenText.padding(of: candidates[index], to: width)
            }
            text += ScreenText.prefix(of: line, width: size.columns - 1).trimmingBlanksAtEnd + "\r\n"
        }
        if shownHeight < height { text += "… \(candidates.count) in all\r\n" }
        let rowsBelow = endPosition.row - cursorPosition.row
        write(String(repeating: "\r\n", count: rowsBelow + 1) + "\u{1B}[J" + text)
        redstream_el_refresh(editor)
    }
}
