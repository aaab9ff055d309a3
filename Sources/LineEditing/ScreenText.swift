import CEditline

/// Where text ends on a screen, by the widths that the C library gives to characters, as libedit reckons.
struct ScreenText {
    /// The width of the screen.
    let columns: Int
    /// The row, from 0 at the prompt.
    private(set) var row = 0
    /// The column, from 0.
    private(set) var column = 0

    init(columns: Int) {
        self.columns = max(columns, 1)
    }

    /// Moves on by a text as libedit shows it: control characters as `^X`, line feeds as such.
    mutating func append(_ text: String) {
        for scalar in text.unicodeScalars { append(scalar) }
    }

    private mutating func append(_ scalar: Unicode.Scalar) {
        if scalar == "\n" {
            (row, column) = (row + 1, 0)
            return
        }
        // libedit shows a tab as blanks up to the next multiple of eight.
        let width = scalar == "\t" ? 8 - column % 8 : Self.width(of: scalar)
        if column + width > columns { (row, column) = (row + 1, 0) }
        column += width
        if column >= columns { (row, column) = (row + 1, 0) }
    }

    static func width(of scalar: Unicode.Scalar) -> Int {
        if scalar.value < 0x20 || scalar.value == 0x7F { return 2 }
        return max(Int(redstream_character_width(wchar_t(truncatingIfNeeded: scalar.value))), 0)
    }

    static func width(of text: String) -> Int {
        text.unicodeScalars.reduce(0) { $0 + width(of: $1) }
    }

    /// The beginning of a text that is no wider than that.
    static func prefix(of text: String, width: Int) -> String {
        var kept = String.UnicodeScalarView()
        var used = 0
        for scalar in text.unicodeScalars {
            used += Self.width(of: scalar)
            if used > width { break }
            kept.append(scalar)
        }
        return String(kept)
    }
}
