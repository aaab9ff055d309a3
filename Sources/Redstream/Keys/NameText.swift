package import RedstreamConnection

/// Names of streams, consumers and namespaces as text, although Redis names may be any bytes.
///
/// A byte that is not part of UTF-8 is written `\xHH`, with two hexadecimal digits: `caf\xe9`. A backslash that would
/// begin such an escape is written `\x5c`. Everything else stands for itself, so that nearly every name is its own text.
package enum NameText {
    /// Returns the text of a name; two names have the same text only if they have the same bytes.
    package static func text(ofBytes bytes: some Collection<UInt8>) -> String {
        if let text = String(validating: bytes, as: UTF8.self), !text.utf8.contains(backslash) { return text }
        let bytes = Array(bytes)
        return decoded(bytes) { position in
            guard bytes[position] >= 0x80 || escape(in: bytes[position...]) != nil else { return nil }
            var escaped = [backslash, UInt8(ascii: "x")]
            escaped.appendHexDigits(bytes[position])
            return escaped
        }
    }

    /// Decodes UTF-8, with something else in place of a backslash, or of a byte that is not UTF-8.
    static func decoded(_ bytes: [UInt8], replacing replacement: (_ position: Int) -> [UInt8]?) -> String {
        var text: [UInt8] = []
        var position = 0
        while position < bytes.count {
            let byte = bytes[position]
            let length = byte < 0x80 ? 1 : bytes.withUnsafeBytes { UTF8Sequence.length(in: $0, at: position) }
            if length == 0 || byte == backslash, let other = replacement(position) {
                text += other
            } else {
                text += bytes[position..<position + max(length, 1)]
            }
            position += max(length, 1)
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Returns the bytes of a name.
    package static func bytes(of text: String) -> [UInt8] {
        let utf8 = Array(text.utf8)
        guard utf8.contains(backslash) else { return utf8 }
        var bytes: [UInt8] = []
        var rest = utf8[...]
        while let byte = rest.first {
            let escaped = escape(in: rest)
            bytes.append(escaped ?? byte)
            rest = rest.dropFirst(escaped == nil ? 1 : 4)
        }
        return bytes
    }

    /// Returns the one text of the name that a text means: `\xE9` and `\xe9` are the same name, and `\x41` is `A`.
    package static func canonical(_ text: String) -> String {
        text.utf8.contains(backslash) ? self.text(ofBytes: bytes(of: text)) : text
    }

    private static let backslash = UInt8(ascii: "\\")

    /// The byte that an escape at the beginning stands for; nil if none begins there.
    private static func escape(in bytes: ArraySlice<UInt8>) -> UInt8? {
        let escape = bytes.prefix(4)
        guard escape.count == 4, escape.starts(with: [backslash, UInt8(ascii: "x")]) else { return nil }
        let digits = escape.dropFirst(2).compactMap(HexDigit.value(of:))
        return digits.count == 2 ? digits[0] << 4 | digits[1] : nil
    }
}

/// Text that is compared byte by byte, as Redis compares names.
///
/// Swift takes two texts for equal if they look alike, such as "é" and "e" with U+0301. As names, they are two.
package struct ExactText: Sendable, Hashable, Comparable {
    package let text: String

    package init(_ text: String) {
        self.text = text
    }

    package static func == (left: ExactText, right: ExactText) -> Bool { left.text.isSame(as: right.text) }

    package static func < (left: ExactText, right: ExactText) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }

    package func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}

// A combining mark makes one `Character` of itself and of what stands before it, a `:` or a `*` for example. Whatever looks
// for such a character in a name therefore looks at bytes or at scalars.
extension StringProtocol {
    /// Returns whether two texts have the same bytes.
    package func isSame(as other: some StringProtocol) -> Bool { utf8.elementsEqual(other.utf8) }

    /// Returns whether a text begins with the bytes of another.
    package func begins(with prefix: some StringProtocol) -> Bool { utf8.starts(with: prefix.utf8) }

    /// Returns whether a text ends with the bytes of another.
    package func ends(with suffix: some StringProtocol) -> Bool { utf8.reversed().starts(with: suffix.utf8.reversed()) }

    /// Returns the text after a prefix; nil if it does not begin with it.
    package func removing(prefix: some StringProtocol) -> String? {
        begins(with: prefix) ? String(decoding: utf8.dropFirst(prefix.utf8.count), as: UTF8.self) : nil
    }

    /// Returns the text before a suffix; nil if it does not end with it.
    package func removing(suffix: some StringProtocol) -> String? {
        ends(with: suffix) ? String(decoding: utf8.dropLast(suffix.utf8.count), as: UTF8.self) : nil
    }
}

extension String {
    /// The name as it must stand in a pattern of an ACL to mean itself; `?` stands for a byte that is not UTF-8.
    package var escapedForGlob: String {
        let pattern = RedisKey(bytes: NameText.bytes(of: self)).escapedForGlob.bytes
        return NameText.decoded(pattern) { pattern[$0] < 0x80 ? nil : [UInt8(ascii: "?")] }
    }
}

extension RedisKey {
    /// Creates the bytes of a name.
    init(name: String) { self.init(bytes: NameText.bytes(of: name)) }

    /// The key as it must stand in a pattern of SCAN or of an ACL to mean itself.
    package var escapedForGlob: RedisKey {
        RedisKey(bytes: bytes.flatMap { "*?[]\\".utf8.contains($0) ? [UInt8(ascii: "\\"), $0] : [$0] })
    }

    /// Returns the name after a prefix, as text; nil if the key does not begin with it.
    package func name(after prefix: RedisKey) -> String? {
        bytes.starts(with: prefix.bytes) ? NameText.text(ofBytes: bytes[prefix.bytes.count...]) : nil
    }

    /// Returns a key with more bytes behind it.
    package static func + (key: RedisKey, more: RedisKey) -> RedisKey { RedisKey(bytes: key.bytes + more.bytes) }
}
