import CEditline
import RedstreamSystem

// What stands on the screen, and what is drawn beside what libedit draws.
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
}
