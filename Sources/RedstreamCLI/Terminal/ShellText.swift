/// Text as it can be pasted at a shell prompt.
enum ShellText {
    /// The text as one word of bash and zsh.
    ///
    /// It holds nothing that could command a terminal: such characters are escapes in `$'…'`.
    static func quoted(_ text: String) -> String {
        if isPlain(text) { return text }
        if isUnsafe(text) { return "$'\(escaped(text, quote: "'"))'" }
        // By scalars: a mark that combines with a quote makes another character of both.
        let parts = text.unicodeScalars.split(separator: "'", omittingEmptySubsequences: false)
        return "'" + parts.map { String($0) }.joined(separator: "'\\''") + "'"
    }

    /// The text as one word of this tool's own shell, which knows escapes in double quotes.
    ///
    /// It too holds nothing that could command a terminal.
    static func quotedForOwnShell(_ text: String) -> String {
        // In its single quotes `\'` is a quote, while for bash a backslash there is nothing but itself.
        isUnsafe(text) || text.unicodeScalars.contains("\\") ? "\"\(escaped(text, quote: "\""))\"" : quoted(text)
    }

    private static func isPlain(_ text: String) -> Bool {
        !text.isEmpty
            && text.unicodeScalars.allSatisfy { scalar in
                scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
                    || "-_./:@%+=,".unicodeScalars.contains(scalar)
            }
    }

    /// Returns whether a text holds anything that could command a terminal.
    private static func isUnsafe(_ text: String) -> Bool { TerminalText.escaped(text) != text }

    /// The text with escapes for a quote, for backslashes, and for the bytes of what could command a terminal.
    private static func escaped(_ text: String, quote: Unicode.Scalar) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            let character = String(scalar)
            if isUnsafe(character) {
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
