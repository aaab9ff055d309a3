/// Splits what was typed into commands, and commands into words, as redis-cli and the shells do.
///
/// Words stand between blanks. In double quotes `\n`, `\r`, `\t`, `\a`, `\b`, `\xHH` and a backslash before any
/// other character are escapes; in single quotes only `\'` is. Outside of quotes a backslash makes a blank, a
/// quote, a backslash, `|`, `>` or `#` lose its meaning. A `#` at the start of a command begins a comment. An end
/// of line outside of quotes ends the command. A `|` where a word would begin ends its words: the rest of the
/// line is for another program.
package struct LineTokenizer: Sendable {
    /// A word, and where it stood.
    package struct Word: Sendable, Equatable {
        /// Its bytes, quotes removed and escapes resolved.
        package var bytes: [UInt8]
        /// The offset of its first byte, quote included.
        package var start: Int
        /// True if any of it was quoted or escaped, so that it is no operator.
        package var isQuoted: Bool

        /// The word as text, repaired where it is not UTF-8.
        package var text: String { String(decoding: bytes, as: UTF8.self) }
    }

    /// One command.
    package struct Command: Sendable, Equatable {
        /// Its words.
        package var words: [Word] = []
        /// The text behind a `|`.
        package var pipedInto: [UInt8]?
        /// The position at which the next command begins.
        package var end = 0
    }

    private let text: [UInt8]
    private var position: Int
    private let toleratesOpenQuote: Bool

    private init(_ text: [UInt8], from start: Int, toleratesOpenQuote: Bool) {
        self.text = text
        position = start
        self.toleratesOpenQuote = toleratesOpenQuote
    }

    /// Reads the command that begins at an offset.
    package static func command(in text: [UInt8], from start: Int = 0) throws(TokenizerError) -> Command {
        var tokenizer = LineTokenizer(text, from: start, toleratesOpenQuote: false)
        return try tokenizer.command()
    }

    /// Reads all commands that have words.
    package static func commands(in text: [UInt8]) throws(TokenizerError) -> [Command] {
        var commands: [Command] = []
        var position = 0
        while position < text.count {
            let command = try command(in: text, from: position)
            position = command.end
            if !command.words.isEmpty || command.pipedInto != nil { commands.append(command) }
        }
        return commands
    }

    /// Reads the last command of a text that may end in mid-word, for hints and completion: never fails.
    ///
    /// - Returns: Its words; the last one is what the cursor stands at, empty after a blank. And what stands behind a
    ///   `|`; nil without one.
    package static func partialWords(in text: [UInt8]) -> (words: [Word], pipedInto: [UInt8]?) {
        var position = 0
        var command = Command()
        repeat {
            var tokenizer = LineTokenizer(text, from: position, toleratesOpenQuote: true)
            command = (try? tokenizer.command()) ?? Command(end: text.count)
            position = command.end
        } while position < text.count
        let endsInBlank =
            command.words.last.map { _ in
                text.last.map(isBlank) == true && !LineTokenizer.isOpen(text)
            } ?? true
        if endsInBlank || text.last == newline {
            command.words.append(Word(bytes: [], start: text.count, isQuoted: false))
        }
        return (command.words, command.pipedInto)
    }

    /// Returns whether a quote is still open at the end, so that more lines belong to the command.
    package static func isOpen(_ text: [UInt8]) -> Bool {
        openQuote(text) != nil
    }

    /// Returns the quote that is still open at the end; nil if there is none.
    package static func openQuote(_ text: [UInt8]) -> UInt8? {
        do {
            _ = try commands(in: text)
            return nil
        } catch {
            return if case .openQuote(let quote) = error.reason { quote } else { nil }
        }
    }

    private static let newline = UInt8(ascii: "\n")

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
    }

    private mutating func command() throws(TokenizerError) -> Command {
        var command = Command()
        while position < text.count, text[position] != Self.newline {
            let byte = text[position]
            if Self.isBlank(byte) {
                position += 1
            } else if byte == UInt8(ascii: "#"), command.words.isEmpty {
                skipLine()
            } else if byte == UInt8(ascii: "|") {
                let start = position + 1
                skipLine()
                command.pipedInto = Array(text[start..<position])
            } else {
                command.words.append(try word())
            }
        }
        command.end = min(position + 1, text.count)
        return command
    }

    private mutating func skipLine() {
        while position < text.count, text[position] != Self.newline { position += 1 }
    }

    private mutating func word() throws(TokenizerError) -> Word {
        var word = Word(bytes: [], start: position, isQuoted: false)
        while position < text.count {
            let byte = text[position]
            if Self.isBlank(byte) || byte == Self.newline { return word }
            position += 1
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "'"):
                word.isQuoted = true
                try quoted(by: byte, into: &word)
            case UInt8(ascii: "\\") where position < text.count && Self.special.contains(text[position]):
                word.isQuoted = true
                word.bytes.append(text[position])
                position += 1
            default:
                word.bytes.append(byte)
            }
        }
        return word
    }

    private static let special = Array(" \t\"'\\|>#".utf8)

    private mutating func quoted(by quote: UInt8, into word: inout Word) throws(TokenizerError) {
        let start = position - 1
        while position < text.count {
            let byte = text[position]
            position += 1
            if byte == quote { return }
            guard byte == UInt8(ascii: "\\"), position < text.count else {
                word.bytes.append(byte)
                continue
            }
            if quote == UInt8(ascii: "'") {
                let isEscape = text[position] == quote
                word.bytes.append(isEscape ? quote : byte)
                if isEscape { position += 1 }
            } else {
                word.bytes.append(try escaped())
            }
        }
        if !toleratesOpenQuote { throw TokenizerError(.openQuote(quote), in: text, at: start) }
    }

    private mutating func escaped() throws(TokenizerError) -> UInt8 {
        let byte = text[position]
        position += 1
        switch byte {
        case UInt8(ascii: "n"): return 10
        case UInt8(ascii: "r"): return 13
        case UInt8(ascii: "t"): return 9
        case UInt8(ascii: "a"): return 7
        case UInt8(ascii: "b"): return 8
        case UInt8(ascii: "x"):
            let digits = text[position...].prefix(2).compactMap(Self.hexDigit)
            guard digits.count == 2 else {
                if toleratesOpenQuote { return byte }
                throw TokenizerError(.badEscape, in: text, at: position - 2)
            }
            position += 2
            return digits[0] << 4 | digits[1]
        default: return byte
        }
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        Character(UnicodeScalar(byte)).isASCII
            ? Character(UnicodeScalar(byte)).hexDigitValue.map { UInt8($0) } : nil
    }
}

/// The reason for which a line cannot be split into words, and the place.
package struct TokenizerError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Reason: Sendable, Equatable {
        /// The quote that was opened there is never closed.
        case openQuote(UInt8)
        /// The `\x` that stands there lacks its two hexadecimal digits.
        case badEscape
    }

    /// The fault.
    package let reason: Reason
    /// The line in which it stands, from 1.
    package let line: Int
    /// The character in that line at which it stands, from 1.
    package let column: Int

    init(_ reason: Reason, in text: [UInt8], at offset: Int) {
        let before = text.prefix(offset)
        let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        self.reason = reason
        line = before.count { $0 == UInt8(ascii: "\n") } + 1
        column = String(decoding: before[start...], as: UTF8.self).count + 1
    }

    /// The reason and the place.
    package var description: String {
        let place = line == 1 ? "column \(column)" : "line \(line), column \(column)"
        return switch reason {
        case .openQuote(let quote): "\(place): the quote \(Character(UnicodeScalar(quote))) is not closed"
        case .badEscape: "\(place): \\x wants two hexadecimal digits"
        }
    }
}
