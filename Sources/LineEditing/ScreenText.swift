import CEditline

/// The place on a screen at which text ends, by the widths that the C library gives to characters, as libedit reckons.
///
/// All of the tool asks here how wide a text is: a table that counts characters is crooked below "顧客".
package struct ScreenText {
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

    mutating func append(_ scalar: Unicode.Scalar) {
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
}

extension ScreenText {
    // Widths do not depend on the locale of the process, which is "C" unless a line is edited.
    private nonisolated(unsafe) static let locale = redstream_utf8_locale()

    /// The columns that a character takes: 2 for one of Chinese, 0 for one that stands above another.
    package static func width(of scalar: Unicode.Scalar) -> Int {
        if scalar.value < 0x20 || scalar.value == 0x7F { return 2 }
        if scalar.value < 0x7F { return 1 }
        return max(Int(redstream_character_width(wchar_t(truncatingIfNeeded: scalar.value), locale)), 0)
    }

    /// The columns that a text takes.
    package static func width(of text: some StringProtocol) -> Int {
        text.unicodeScalars.reduce(0) { $0 + width(of: $1) }
    }

    /// Returns the longest beginning of a text that is no wider than `width`.
    package static func prefix(of text: some StringProtocol, width: Int) -> String {
        var kept = String.UnicodeScalarView()
        var used = 0
        for scalar in text.unicodeScalars {
            used += Self.width(of: scalar)
            if used > width { break }
            kept.append(scalar)
        }
        return String(kept)
    }

    /// Returns the blanks that make a text as wide as a column.
    package static func padding(of text: some StringProtocol, to width: Int) -> String {
        String(repeating: " ", count: max(width - Self.width(of: text), 0))
    }

    /// Returns a text in lines that fit, broken between words; a word that is wider than a line has one to itself.
    ///
    /// Text that can be pasted into a shell stays in one piece: an option and its value, a command and its options.
    ///
    /// - Parameters:
    ///   - text: Lines, without escape sequences.
    ///   - columns: How wide a line may be.
    ///   - indent: Blanks before each further line.
    /// - Returns: The lines, with line feeds between them.
    package static func folded(_ text: String, columns: Int, indent: Int = 0) -> String {
        let margin = String(repeating: " ", count: indent)
        let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.map { fold(String($0), columns, margin) }.joined(separator: "\n")
    }

    private static func fold(_ line: String, _ columns: Int, _ margin: String) -> String {
        guard width(of: line) > columns else { return line }
        var folded = ""
        var used = 0
        for piece in FoldingPieces(line).pieces {
            let width = width(of: piece)
            // A blank at the end of a question needs no line of its own.
            if piece.isEmpty, used >= columns { continue }
            if used > 0, used + 1 + width > columns {
                folded += "\n" + margin
                used = margin.utf8.count
            } else if !folded.isEmpty {
                folded += " "
                used += 1
            }
            folded += piece
            used += width
        }
        return folded
    }
}

extension String {
    /// The text without blanks at its end.
    package var trimmingBlanksAtEnd: String {
        var scalars = unicodeScalars[...]
        while scalars.last == " " { scalars.removeLast() }
        return String(scalars)
    }
}

/// The pieces of a line between which it may be broken.
private struct FoldingPieces {
    private(set) var pieces: [String] = []
    private var isQuoted = false

    init(_ line: String) {
        for word in line.unicodeScalars.split(separator: " ", omittingEmptySubsequences: false).map(String.init) {
            if let last = pieces.last, isQuoted || Self.belongsTogether(last, word) {
                pieces[pieces.count - 1] = "\(last) \(word)"
            } else {
                pieces.append(word)
            }
            noteQuotes(word)
        }
    }

    /// Returns whether a break between two words would tear a command.
    private static func belongsTogether(_ piece: String, _ word: String) -> Bool {
        let before = piece.unicodeScalars.split(separator: " ").last.map(String.init) ?? ""
        if before.isEmpty || before.utf8.first == UInt8(ascii: "-") { return true }
        if ["redstream", "redis-cli", "iconv"].contains(before) || isUppercase(before) { return true }
        return word.utf8.first.map { "-+~&'\"$/{<".utf8.contains($0) } ?? false
    }

    /// Returns whether a word is the name of a Redis command.
    private static func isUppercase(_ word: String) -> Bool {
        word.utf8.count > 1 && word.utf8.allSatisfy { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
    }

    /// Notes whether a word of the shell goes on behind a blank.
    private mutating func noteQuotes(_ word: String) {
        let quotes = word.utf8.count { $0 == UInt8(ascii: "'") }
        let begins = word.utf8.first == UInt8(ascii: "'") || word.utf8.starts(with: "$'".utf8)
        if isQuoted || begins, quotes % 2 == 1 { isQuoted.toggle() }
    }
}
