import Foundation

@testable import Redstream

extension FuzzTarget {
    /// The check that text is JSON: two other readers of the grammar are of the same opinion.
    static let json = FuzzTarget(name: "json") { input in
        let bytes = input.array
        let reference = ReferenceJSON.read(bytes)
        do throws(JSONTextError) {
            try JSONText.check(input.bytes)
            require(reference != nil, "what breaks the grammar is refused")
        } catch {
            require(reference == nil, "what keeps to the grammar passes: \(error)")
            require((1...bytes.count + 1).contains(error.column), "the column lies in the text")
        }
        require(
            JSONText.hasControlCharacters(input.bytes) == hasControlCharacters(bytes), "control characters are found")
        guard let reference else { return }
        requireParts(of: input.bytes)
        guard !reference.hasLargeNumber else { return }
        let value = try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
        require(value != nil, "Foundation parses what passes")
        // Foundation loses a byte order mark that stands behind an escape within a string.
        let trimmed = JSONText.trimmed(bytes[...])
        guard let value = value as? String, !trimmed.contains([0xEF, 0xBB, 0xBF]) else { return }
        var text: [UInt8] = []
        text.appendUnescaped(trimmed.dropFirst().dropLast())
        require(text.elementsEqual(value.utf8), "escapes are undone as Foundation undoes them")
    }

    /// Any text as a JSON string, and back.
    static let strings = FuzzTarget(name: "strings") { input in
        let bytes = input.array
        var string: [UInt8] = []
        let isText = string.appendJSONString(bytes[...])
        require(isText == (String(validating: bytes, as: UTF8.self) != nil), "text is what is UTF-8")
        guard isText else { return require(string.isEmpty, "nothing is written of what is no text") }
        require((try? JSONText.check(string)) != nil, "the string is JSON")
        require(!JSONText.hasControlCharacters(string[...]), "the string commands no terminal")
        var text: [UInt8] = []
        text.appendUnescaped(string[...].dropFirst().dropLast())
        require(text == bytes, "the text is restored")
    }
}

/// Requires that the members of an object, or the elements of an array, are texts of their own.
private func requireParts(of text: UnsafeBufferPointer<UInt8>) {
    var scanner = JSONScanner(UnsafeRawBufferPointer(text))
    do throws(JSONTextError) {
        try scanner.skipToFirstValue()
        if let members = try scanner.members() {
            for member in members {
                require(text[member.name.lowerBound] == UInt8(ascii: "\""), "a name is a string")
                try JSONText.check(UnsafeBufferPointer(rebasing: text[member.name]))
                try JSONText.check(UnsafeBufferPointer(rebasing: text[member.value]))
            }
        } else if let elements = try scanner.elements() {
            for element in elements { try JSONText.check(UnsafeBufferPointer(rebasing: text[element])) }
        } else {
            try scanner.skipValue()
        }
    } catch {
        preconditionFailure("the parts of what passes pass: \(error)")
    }
    scanner.skipBlanks()
    require(scanner.isAtEnd, "nothing follows the value")
}

/// Does the work of ``JSONText/hasControlCharacters(_:)``, a byte at a time.
private func hasControlCharacters(_ bytes: [UInt8]) -> Bool {
    bytes.contains { $0 < 0x20 || $0 == 0x7F }
        || zip(bytes, bytes.dropFirst()).contains { $0 == 0xC2 && (0x80...0x9F).contains($1) }
}
