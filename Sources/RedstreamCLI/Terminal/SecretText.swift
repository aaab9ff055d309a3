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
