/// A key that terminals send as an escape sequence.
struct TerminalKey: Hashable {
    enum Name: Hashable {
        case up
        case down
        case left
        case right
        case home
        case end
        case insert
        case delete
        case pageUp
        case pageDown
    }

    /// Keys that are held down with another one.
    struct Modifiers: OptionSet, Hashable {
        let rawValue: Int
        static let shift = Modifiers(rawValue: 1)
        static let alt = Modifiers(rawValue: 2)
        static let control = Modifiers(rawValue: 4)
        /// Windows, Command and other keys that mean nothing here.
        static let others = Modifiers(rawValue: 8 | 16 | 32)

        init(rawValue: Int) {
            self.rawValue = rawValue
        }

        /// The number by which terminals tell them: one more than the sum.
        init(parameter: Int) {
            rawValue = max(parameter - 1, 0)
        }
    }

    var name: Name
    var modifiers: Modifiers = []
}

/// The meaning of an escape sequence: xterm's, and those of PuTTY, tmux, rxvt, the Linux console and kitty.
enum SequenceMeaning: Equatable {
    case key(TerminalKey)
    /// A key that has a character: what it would have sent in the usual way, an Escape before it for Alt.
    case typed([UInt8])
    case pasteBegins
    case pasteEnds
    /// A report, an answer, or a key that nothing is bound to.
    case nothing

    /// Reads a sequence, its Escape included.
    init(_ sequence: [UInt8]) {
        var rest = sequence.dropFirst()
        var extra: TerminalKey.Modifiers = []
        // rxvt sends Alt as one more Escape.
        if rest.first == 0x1B {
            extra = .alt
            rest.removeFirst()
        }
        guard let last = rest.last, rest.count > 1 else {
            self = .nothing
            return
        }
        let text = String(decoding: rest.dropFirst().dropLast(), as: UTF8.self)
        switch rest.first {
        case UInt8(ascii: "["): self = Self.control(text, last, extra)
        case UInt8(ascii: "O"): self = Self.single(text, last, extra)
        default: self = .nothing
        }
    }

    /// The meaning of `ESC O`, a number for the modifiers, and a letter.
    private static func single(_ text: String, _ last: UInt8, _ extra: TerminalKey.Modifiers) -> SequenceMeaning {
        var modifiers = TerminalKey.Modifiers(parameter: text.split(separator: ";").last.flatMap { Int($0) } ?? 1)
        modifiers.formUnion(extra)
        if let name = names[last] { return .key(.init(name: name, modifiers: modifiers)) }
        // rxvt's arrows with Ctrl.
        if let name = names[last & 0xDF], (0x61...0x64).contains(last) {
            return .key(.init(name: name, modifiers: modifiers.union(.control)))
        }
        switch last {
        // The keypad, where a program has left it in its other mode.
        case UInt8(ascii: "M"): return .typed([13])
        case UInt8(ascii: "I"): return .typed([9])
        case UInt8(ascii: " "): return .typed([32])
        case UInt8(ascii: "j")...UInt8(ascii: "y"): return .typed([last - 0x40])
        case UInt8(ascii: "X"): return .typed([UInt8(ascii: "=")])
        default: return .nothing
        }
    }

    /// The meaning of `ESC [`, numbers, and a letter.
    private static func control(_ text: String, _ last: UInt8, _ extra: TerminalKey.Modifiers) -> SequenceMeaning {
        guard let numbers = numbers(text) else { return .nothing }
        func number(_ place: Int) -> Int? { place < numbers.count ? numbers[place][0] : nil }
        // Where kitty tells of events, the third one is that the key was let go.
        if numbers.count > 1, numbers[1].count > 1, numbers[1][1] == 3 { return .nothing }
        var modifiers = TerminalKey.Modifiers(parameter: number(1) ?? 1).union(extra)
        switch last {
        case UInt8(ascii: "A")...UInt8(ascii: "D"), UInt8(ascii: "F"), UInt8(ascii: "H"):
            guard let name = names[last] else { return .nothing }
            // PuTTY and old ones send the modifiers alone.
            if numbers.count == 1, let only = number(0), only > 1 { modifiers = .init(parameter: only).union(extra) }
            return .key(.init(name: name, modifiers: modifiers))
        case UInt8(ascii: "a")...UInt8(ascii: "d"):
            return names[last & 0xDF].map { .key(.init(name: $0, modifiers: modifiers.union(.shift))) } ?? .nothing
        case UInt8(ascii: "~"):
            switch number(0) {
            case 200: return .pasteBegins
            case 201: return .pasteEnds
            case 27: return typed(number(2) ?? 0, with: modifiers)
            default: return key(number(0), modifiers)
            }
        // rxvt.
        case UInt8(ascii: "^"): return key(number(0), modifiers.union(.control))
        case UInt8(ascii: "$"): return key(number(0), modifiers.union(.shift))
        case UInt8(ascii: "@"): return key(number(0), modifiers.union([.shift, .control]))
        case UInt8(ascii: "u"):
            guard let code = number(0) else { return .nothing }
            if let name = keypad[code] { return .key(.init(name: name, modifiers: modifiers)) }
            // With Shift, kitty may tell the character that comes of it.
            let shifted = modifiers.contains(.shift) && numbers[0].count > 1 && numbers[0][1] > 0
            return typed(shifted ? numbers[0][1] : code, with: modifiers)
        default: return .nothing
        }
    }

    /// The numbers between semicolons, each with those behind colons; nil where anything else stands there.
    private static func numbers(_ text: String) -> [[Int]]? {
        var numbers: [[Int]] = []
        for part in text.split(separator: ";", omittingEmptySubsequences: false) {
            var group: [Int] = []
            for number in part.split(separator: ":", omittingEmptySubsequences: false) {
                guard number.isEmpty || Int(number) != nil else { return nil }
                group.append(Int(number) ?? 0)
            }
            numbers.append(group)
        }
        return numbers
    }

    private static let names: [UInt8: TerminalKey.Name] = [
        UInt8(ascii: "A"): .up, UInt8(ascii: "B"): .down, UInt8(ascii: "C"): .right, UInt8(ascii: "D"): .left,
        UInt8(ascii: "F"): .end, UInt8(ascii: "H"): .home,
    ]

    /// kitty's numbers for the keys of the keypad.
    private static let keypad: [Int: TerminalKey.Name] = [
        57417: .left, 57418: .right, 57419: .up, 57420: .down, 57421: .pageUp, 57422: .pageDown, 57423: .home,
        57424: .end, 57425: .insert, 57426: .delete,
    ]

    /// The numbers of keys that end with a tilde.
    private static let numbered: [Int: TerminalKey.Name] = [
        1: .home, 2: .insert, 3: .delete, 4: .end, 5: .pageUp, 6: .pageDown, 7: .home, 8: .end,
    ]

    private static func key(_ number: Int?, _ modifiers: TerminalKey.Modifiers) -> SequenceMeaning {
        number.flatMap { numbered[$0] }.map { .key(.init(name: $0, modifiers: modifiers)) } ?? .nothing
    }

    /// A character that was typed with modifiers, for a terminal that tells both (modifyOtherKeys, CSI u).
    private static func typed(_ code: Int, with modifiers: TerminalKey.Modifiers) -> SequenceMeaning {
        guard modifiers.isDisjoint(with: .others), var scalar = scalar(code) else { return .nothing }
        if modifiers.contains(.control) {
            switch scalar.value {
            case 0x3F: scalar = "\u{7F}"
            case 0x20, 0x40...0x7E: scalar = Unicode.Scalar(UInt8(truncatingIfNeeded: scalar.value & 0x1F))
            // Ctrl-Backspace removes a word, as Ctrl-W does.
            case 0x7F: scalar = "\u{17}"
            default: break
            }
        } else if modifiers.contains(.shift) {
            if scalar == "\t" { return .nothing }
            scalar = scalar.properties.uppercaseMapping.unicodeScalars.first ?? scalar
        }
        return .typed((modifiers.contains(.alt) ? [0x1B] : []) + Array(String(scalar).utf8))
    }

    private static func scalar(_ code: Int) -> Unicode.Scalar? {
        switch code {
        case 57399...57408: return Unicode.Scalar(UInt8(truncatingIfNeeded: code - 57399 + 0x30))
        case 57414: return "\r"
        // Keys without a character have numbers of the area for private use.
        case 57344...63743: return nil
        // Above Escape, Tab, Return and Backspace, controls are none that a key has.
        case 0x80..<0xA0: return nil
        default: return UInt32(exactly: code).flatMap { $0 == 0 ? nil : Unicode.Scalar($0) }
        }
    }
}
