/// Text that may hold what must not be shown.
enum SecretText {
    /// The text, with `***` for whatever stands between the first `://` and the last `@`.
    ///
    /// An argument that stands in the wrong place is quoted in the error, and may be a URL with a password. Which
    /// characters that holds is not known, so rather too much is hidden than too little.
    static func hidden(_ text: String) -> String {
        guard let start = text.firstRange(of: "://")?.upperBound, let at = text.lastIndex(of: "@"), start < at
        else {
            return text
        }
        return text[..<start] + "***" + text[at...]
    }

    /// A URL without its password; the user stays.
    static func withoutPassword(_ url: String) -> String {
        guard let start = url.firstRange(of: "://")?.upperBound, let at = url.lastIndex(of: "@"), start < at
        else {
            return url
        }
        let user = url[start..<at].prefix { $0 != ":" }
        return url[..<start] + (user.isEmpty ? "" : user + "@") + url[url.index(after: at)...]
    }
}
