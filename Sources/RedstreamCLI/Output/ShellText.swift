/// Text as it can be pasted at a shell prompt.
enum ShellText {
    /// The text as one word of bash and zsh.
    ///
    /// It holds nothing that could command a terminal: such characters are escapes in `$'…'`.
    static func quoted(_ text: String) -> String {
        if isPlain(text) { return text }
        if let escaped = escaped(text, quote: "'") { return "$'\(escaped)'" }
        return "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
            + "'"
    }

    /// The text as one word of this tool's own shell, which knows escapes in double quotes.
    ///
    /// It too holds nothing that could command a terminal.
    static func quotedForOwnShell(_ text: String) -> String {
        escaped(text, quote: "\"").map { "\"\($0)\"" } ?? quoted(text)
    }

    private static func isPlain(_ text: String) -> Bool {
        !text.isEmpty
            && text.unicodeScalars.allSatisfy { scalar in
                scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
                    || "-_./:@%+=,".unicodeScalars.contains(scalar)
            }
    }

    /// The text with escapes of bytes; nil where it holds nothing that could command a terminal.
    private static func escaped(_ text: String, quote: Unicode.Scalar) -> String? {
        guard TerminalText.escaped(text) != text else { return nil }
        var escaped = ""
        for scalar in text.unicodeScalars {
            let character = String(scalar)
            if TerminalText.escaped(character) != character {
                for byte in character.utf8 {
                    escaped += "\\x" + (byte < 0x10 ? "0" : "") + String(byte, radix: 16)
                }
            } else {
                escaped += scalar == quote || scalar == "\\" ? "\\\(character)" : character
            }
        }
        return escaped
    }
}
