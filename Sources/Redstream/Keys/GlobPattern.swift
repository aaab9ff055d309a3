extension String {
    /// This text as it must stand in a pattern of SCAN to mean itself.
    ///
    /// Redis matches bytes. A combining mark makes one character of a `*` and itself, and would hide the `*`.
    package var escapedForGlob: String {
        var escaped = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            if "*?[]\\".unicodeScalars.contains(scalar) { escaped.append("\\") }
            escaped.append(scalar)
        }
        return String(escaped)
    }

    /// What follows a prefix, both taken as bytes as Redis takes them; nil where the text does not begin with it.
    func removing(prefix: String) -> String? {
        guard utf8.starts(with: prefix.utf8) else { return nil }
        return String(decoding: utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
    }
}
