import FoundationEssentials

/// Reads the commands of an append-only file.
///
/// With `appendfsync always` that file is an exact record, in order, of all that the server has ever acknowledged.
/// Scripts stand in it as the commands that they carried out, between MULTI and EXEC, with the times that they meant.
package enum AppendOnlyFile {
    /// The error of a file that is no append-only file, or a damaged one.
    package struct Damage: Error, CustomStringConvertible {
        package let description: String
    }

    /// Calls a closure with the words of each command, in order.
    ///
    /// A command that is cut off at the end was never acknowledged, and is left out.
    package static func read(_ path: String, _ body: ([String]) -> Void) throws {
        let data = try Data(contentsOf: URL(filePath: path))
        try data.withUnsafeBytes { try read($0, calling: path, body) }
    }

    package static func read(
        _ bytes: UnsafeRawBufferPointer, calling name: String = "the file", _ body: ([String]) -> Void
    ) throws {
        var place = 0
        while place < bytes.count {
            if bytes[place] == UInt8(ascii: "#") {
                // An annotation, which is no command.
                guard number(in: bytes, &place) != nil || place <= bytes.count else { return }
                continue
            }
            guard bytes[place] == UInt8(ascii: "*") else {
                throw Damage(description: "\(name) has no command at byte \(place)")
            }
            guard let count = number(in: bytes, &place) else { return }
            var words: [String] = []
            words.reserveCapacity(count)
            for _ in 0..<count {
                guard place < bytes.count, let length = number(in: bytes, &place), place + length + 2 <= bytes.count
                else { return }
                let word = bytes[place..<place + length]
                let isDump = words.count == 3 && words[0].hasPrefix("RESTORE")
                words.append(isDump ? KeyDumps.text(of: word) : String(decoding: word, as: UTF8.self))
                place += length + 2
            }
            body(words)
        }
    }

    /// The number of a line such as `*3`, and the place after the line; nil where the line does not end.
    private static func number(in bytes: UnsafeRawBufferPointer, _ place: inout Int) -> Int? {
        var value = 0
        place += 1
        while place < bytes.count, bytes[place] != UInt8(ascii: "\r"), bytes[place] != UInt8(ascii: "\n") {
            value = value &* 10 &+ Int(bytes[place]) &- 48
            place += 1
        }
        if place < bytes.count, bytes[place] == UInt8(ascii: "\r") { place += 1 }
        guard place < bytes.count else { return nil }
        place += 1
        return value
    }
}
