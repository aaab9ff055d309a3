extension String {
    /// This text as it must stand in a pattern of SCAN to mean itself.
    var escapedForGlob: String {
        var escaped = ""
        for character in self {
            if "*?[]\\".contains(character) { escaped.append("\\") }
            escaped.append(character)
        }
        return escaped
    }
}
