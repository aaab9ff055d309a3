import Redstream

extension NameText {
    /// Returns a name as tables and messages show it, on one line and with nothing that could command a terminal.
    ///
    /// Control characters, and characters at its ends that nobody could see, are written `\xHH`, byte by byte: what is shown
    /// can be given back as `--stream` or `--name`.
    static func shown(_ name: String) -> String {
        // Nearly every name is printable ASCII.
        if name.utf8.allSatisfy({ $0 &- 0x20 < 0x5F }) { return name }
        return typed(name).unicodeScalars.map { scalar in
            let character = String(scalar)
            return TerminalText.escaped(character) == character ? character : escaped(character)
        }.joined()
    }

    /// Returns a name as it can be typed, before it is quoted: nothing at its ends that ``parsed(_:)`` would refuse.
    static func typed(_ name: String) -> String {
        let scalars = name.unicodeScalars
        let visible = scalars.drop(while: isRefused)
        guard let last = visible.lastIndex(where: { !isRefused($0) || $0.properties.isVariationSelector }) else {
            return escaped(name)
        }
        let end = scalars.index(after: last)
        return escaped(String(scalars[..<visible.startIndex])) + String(scalars[visible.startIndex..<end])
            + escaped(String(scalars[end...]))
    }

    /// Returns a name as one word of bash and zsh.
    static func quoted(_ name: String) -> String { ShellText.quoted(typed(name)) }

    /// Returns each byte of a text as an escape.
    static func escaped(_ text: String) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            bytes.append(contentsOf: #"\x"#.utf8)
            bytes.appendHexDigits(byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Returns whether a character makes a name look like another one.
    ///
    /// Control characters are shown, and some names have them; a carriage return comes from a file of Windows.
    static func isRefused(_ scalar: Unicode.Scalar) -> Bool {
        InvisibleText.isInvisible(scalar) && (!scalar.isASCII || scalar == "\r")
    }
}
