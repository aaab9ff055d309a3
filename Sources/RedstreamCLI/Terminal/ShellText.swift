import Redstream

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
                escaped += NameText.escaped(character)
            } else {
                escaped += scalar == quote || scalar == "\\" ? "\\\(character)" : character
            }
        }
        return escaped
    }
}

/// Text that may hold what must not be shown.
enum SecretText {
    /// The text, with `***` for whatever stands between the first `://` and the last `@`.
    ///
    /// An argument that stands in the wrong place is quoted in the error, and may be a URL with a password. Which
    /// characters that holds is not known, so rather too much is hidden than too little.
    static func hidden(_ text: String) -> String {
        guard let (start, at) = credentials(in: text) else { return text }
        return text[..<start] + "***" + text[at...]
    }

    /// A URL without its password; the user stays.
    static func withoutPassword(_ url: String) -> String {
        guard let (start, at) = credentials(in: url) else { return url }
        let user = String(url.unicodeScalars[start..<at].prefix { $0 != ":" })
        return url[..<start] + (user.isEmpty ? "" : user + "@") + url[url.utf8.index(after: at)...]
    }

    /// Returns what lies between the first `://` and the last `@`; nil if there is no such part.
    ///
    /// By bytes: a mark that combines with the `@` makes another character of both, and the password would be shown.
    private static func credentials(in text: String) -> (start: String.Index, at: String.Index)? {
        guard let start = text.utf8.firstRange(of: "://".utf8)?.upperBound,
            let at = text.utf8.lastIndex(of: UInt8(ascii: "@")), start < at
        else { return nil }
        return (start, at)
    }
}
