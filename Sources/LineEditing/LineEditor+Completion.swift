import CEditline

extension LineEditor {
    /// Puts what could stand in place of the word before the cursor, or lists it.
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
        // What was found in time may have more in common than all there is.
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
