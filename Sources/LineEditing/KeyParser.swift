/// Splits the bytes of a terminal into characters and whole escape sequences.
///
/// A sequence that is cut in the middle ends at a control character, which stays a key of its own, or when nothing more
/// comes in time: see ``end()``. So Ctrl-C is a key in every state.
struct KeyParser {
    /// A key, as far as the bytes tell.
    enum Element: Equatable {
        case character(Unicode.Scalar)
        /// An escape sequence, or Alt with a character. The first byte is an Escape.
        case sequence([UInt8])
    }

    private enum State {
        case ground
        /// Within a character of UTF-8 of that many bytes.
        case character(length: Int)
        case escape
        /// Behind `ESC [`.
        case control
        /// Behind `ESC [ [`: a function key of the Linux console.
        case console
        /// Behind `ESC O`.
        case single
        /// Within an answer of the terminal, which ends with BEL or `ESC \`.
        case string
        case stringEscape
        /// Within the report of a mouse: that many characters are left.
        case mouse(left: Int)
    }

    private static let escape: UInt8 = 0x1B
    /// Longer sequences are none that means anything here: the rest is dropped.
    private static let longest = 64

    private var state = State.ground
    private var bytes: [UInt8] = []

    /// The time to wait for the next byte, in milliseconds; nil between keys.
    var patience: Int32? {
        switch state {
        case .ground: nil
        // An Escape alone is a key, which takes effect after this time.
        case .escape: 50
        default: 100
        }
    }

    /// Takes a byte; returns the keys that it completes.
    mutating func take(_ byte: UInt8) -> [Element] {
        switch state {
        case .ground: return begin(byte)
        case .character(let length): return take(byte, length: length)
        case .escape: return takeAfterEscape(byte)
        case .control: return takeControl(byte)
        case .console: return (0x40...0x7E).contains(byte) ? finish(byte) : abandon(byte)
        case .single:
            if (0x30...0x3B).contains(byte) { return append(byte) }
            return byte == 0x20 || (0x40...0x7E).contains(byte) ? finish(byte) : abandon(byte)
        case .string:
            switch byte {
            case 0x07: return finish(byte)
            case Self.escape:
                state = .stringEscape
                return []
            default: return byte < 0x20 ? abandon(byte) : append(byte)
            }
        case .stringEscape:
            if byte == UInt8(ascii: "\\") { return finish(byte) }
            return abandon(Self.escape) + take(byte)
        case .mouse(let left): return takeMouse(byte, left: left)
        }
    }

    /// Ends an unfinished sequence, since nothing more came in time; returns its keys.
    mutating func end() -> [Element] {
        defer { reset() }
        switch state {
        case .ground, .console, .stringEscape, .mouse: return []
        case .character: return bytes[0] == Self.escape ? [] : [.character("\u{FFFD}")]
        case .escape: return bytes.map { _ in .character("\u{1B}") }
        // Alt with the character that usually begins a sequence.
        case .control, .single, .string: return bytes.count == 2 ? [.sequence(bytes)] : []
        }
    }

    private mutating func reset() {
        state = .ground
        bytes = []
    }

    private mutating func begin(_ byte: UInt8) -> [Element] {
        bytes = [byte]
        if byte == Self.escape {
            state = .escape
            return []
        }
        return byte < 0x80 ? completed() : beginCharacter(byte)
    }

    private mutating func beginCharacter(_ byte: UInt8) -> [Element] {
        switch byte {
        case 0xC2..<0xE0: state = .character(length: 2)
        case 0xE0..<0xF0: state = .character(length: 3)
        case 0xF0..<0xF5: state = .character(length: 4)
        default:
            reset()
            return [.character("\u{FFFD}")]
        }
        return []
    }

    private mutating func take(_ byte: UInt8, length: Int) -> [Element] {
        guard byte & 0xC0 == 0x80 else { return end() + begin(byte) }
        bytes.append(byte)
        return bytes.count < length + (bytes[0] == Self.escape ? 1 : 0) ? [] : completed()
    }

    /// The character that is complete, or Alt with it.
    private mutating func completed() -> [Element] {
        defer { reset() }
        if bytes[0] == Self.escape { return [.sequence(bytes)] }
        let scalar = String(decoding: bytes, as: UTF8.self).unicodeScalars.first ?? "\u{FFFD}"
        // No keyboard has the controls beyond ASCII, and they stand for something else within the editor.
        return (0x80..<0xA0).contains(scalar.value) ? [] : [.character(scalar)]
    }

    private mutating func takeAfterEscape(_ byte: UInt8) -> [Element] {
        let isDoubled = bytes.count > 1
        switch byte {
        case Self.escape:
            if isDoubled { return [.character("\u{1B}")] }
            return append(byte)
        case UInt8(ascii: "["): state = .control
        case UInt8(ascii: "O"): state = .single
        case UInt8(ascii: "P"), UInt8(ascii: "]"), UInt8(ascii: "X"), UInt8(ascii: "^"), UInt8(ascii: "_"):
            if isDoubled { fallthrough }
            state = .string
        default:
            bytes = [Self.escape, byte]
            let rest = byte < 0x80 ? completed() : beginCharacter(byte)
            return (isDoubled ? [.character("\u{1B}")] : []) + rest
        }
        return append(byte)
    }

    private mutating func takeControl(_ byte: UInt8) -> [Element] {
        let isFirst = bytes.last == UInt8(ascii: "[")
        switch byte {
        // rxvt ends the keys with Shift so; elsewhere it comes before the last byte of answers that begin with ?.
        case UInt8(ascii: "$") where bytes.last.map { (0x30...0x39).contains($0) } == true && !hasPrivateMark:
            return finish(byte)
        case 0x20...0x3F: return append(byte)
        case UInt8(ascii: "[") where isFirst: state = .console
        case UInt8(ascii: "M") where isFirst: state = .mouse(left: 3)
        case 0x40...0x7E: return finish(byte)
        default: return abandon(byte)
        }
        return append(byte)
    }

    private var hasPrivateMark: Bool {
        bytes.contains { (0x3C...0x3F).contains($0) }
    }

    /// The characters of a mouse's report are bytes, or characters of UTF-8.
    private mutating func takeMouse(_ byte: UInt8, left: Int) -> [Element] {
        guard byte >= 0x20 else { return abandon(byte) }
        let isContinued = bytes.last.map { (0xC2..<0xE0).contains($0) } == true
        if isContinued, byte & 0xC0 == 0x80 { return left == 0 ? finish(byte) : append(byte) }
        if left == 0 { return finished() + begin(byte) }
        state = .mouse(left: left - 1)
        // The last one may have a second byte.
        return left > 1 || (0xC2..<0xE0).contains(byte) ? append(byte) : finish(byte)
    }

    private mutating func append(_ byte: UInt8) -> [Element] {
        if bytes.count < Self.longest { bytes.append(byte) }
        return []
    }

    private mutating func finish(_ byte: UInt8) -> [Element] {
        _ = append(byte)
        return finished()
    }

    private mutating func finished() -> [Element] {
        defer { reset() }
        return [.sequence(bytes)]
    }

    /// Drops a sequence in whose middle something else begins.
    private mutating func abandon(_ byte: UInt8) -> [Element] {
        reset()
        return begin(byte)
    }
}
