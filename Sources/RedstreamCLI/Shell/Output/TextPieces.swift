import LineEditing

/// Text that comes in pieces.
///
/// It is a value: a copy begins where the original was, so that the original can be shown again.
protocol TextPieces: Sendable {
    /// The next piece, which is not empty; nil at the end. Pieces end between characters.
    mutating func next() -> [UInt8]?
}

/// Text that is there as a whole.
struct WholeText: TextPieces {
    private var text: [UInt8]?

    init(_ text: [UInt8]) {
        self.text = text.isEmpty ? nil : text
    }

    mutating func next() -> [UInt8]? { text.take() }
}

extension TextPieces {
    /// Returns whether the text has at least as many rows as a screen: no more of it is looked at than that.
    func isTaller(than size: TerminalSize) -> Bool {
        var rest = self
        var rows = 0
        var line = ""
        while rows < size.rows, let piece = rest.next() {
            let lines = String(decoding: piece, as: UTF8.self).unicodeScalars
                .split(separator: "\n", omittingEmptySubsequences: false)
            for (index, part) in lines.enumerated() {
                if index > 0 {
                    rows += size.rows(of: line)
                    line = ""
                }
                // A line longer than a screen is tall by itself.
                line.unicodeScalars += part.prefix(size.columns * size.rows)
                if size.rows(of: line) >= size.rows { return true }
            }
        }
        return rows >= size.rows
    }
}
