/// The commands of the editor that sequences of a terminal stand for.
///
/// libedit looks up sequences character by character: it waits within one that is cut, and types what is left of one that
/// it does not know. So it is handed one character in place of each sequence: a control character beyond ASCII, which
/// no keyboard has.
struct KeyBindings {
    /// Runs what vi's keys have for Escape.
    static let escapeCode: Unicode.Scalar = "\u{9C}"
    private static let codes = (UInt32(0x80)..<0xA0).compactMap(Unicode.Scalar.init).filter { $0 != escapeCode }

    /// The commands that libedit and the user's own file bind to sequences.
    private let bound: [[UInt8]: String]
    /// True if Ctrl is told by the arrow keys' other form, as PuTTY does.
    private let isPutty: Bool
    /// The characters that stand for commands.
    private(set) var code: [String: Unicode.Scalar] = [:]

    /// Reads the list that libedit prints of its bindings.
    init(listing: String, terminal: String) {
        bound = Self.bindings(in: listing)
        isPutty = terminal.hasPrefix("putty")
        // The user's own come last: where there are too many, they are looked up by libedit, as texts are.
        let own = Set(Self.ownCommands)
        let others = Set(bound.values.filter(Self.isCommand)).subtracting(own)
        for (command, code) in zip(own.sorted() + others.sorted(), Self.codes) { self.code[command] = code }
    }

    /// Characters to hand to libedit for a sequence; none for one that means nothing.
    func characters(for sequence: [UInt8], isVi: Bool) -> [Unicode.Scalar] {
        if let command = bound[sequence], !(isPutty && Self.isApplicationArrow(sequence)) {
            if let code = code[Self.asking.contains(command) ? Self.ask : command] { return [code] }
            // A text, or a command that looks at the key itself.
            return String(decoding: sequence, as: UTF8.self).unicodeScalars.map { $0 }
        }
        switch SequenceMeaning(sequence) {
        case .key(var key):
            if isPutty, Self.isApplicationArrow(sequence) { key.modifiers.insert(.control) }
            return Self.command(for: key).flatMap { code[$0] }.map { [$0] } ?? []
        case .typed(let bytes):
            if bytes.count > 1, bytes[0] == 0x1B { return characters(for: bytes, isVi: isVi) }
            if bytes == [0x1B], isVi { return [Self.escapeCode] }
            return String(decoding: bytes, as: UTF8.self).unicodeScalars.map { $0 }
        case .pasteBegins: return code[Self.paste].map { [$0] } ?? []
        case .pasteEnds: return []
        case .nothing: return alternative(sequence, isVi: isVi)
        }
    }

    /// Alt with a character that is bound to nothing.
    private func alternative(_ sequence: [UInt8], isVi: Bool) -> [Unicode.Scalar] {
        guard sequence.count > 1, sequence[1] != 0x1B,
            case let rest = String(decoding: sequence.dropFirst(), as: UTF8.self).unicodeScalars, rest.count == 1
        else { return [] }
        // For vi's keys it is two of them. Controls are keys whatever comes before them.
        if isVi { return [Self.escapeCode] + rest }
        return sequence[1] < 0x20 ? Array(rest) : []
    }

    /// The name of the command that takes a paste.
    static let paste = "redstream-paste"
    /// The name of the command that runs one of ``asking``.
    static let ask = "redstream-ask"
    /// libedit's commands that ask for a text and know no key to leave: `:`, `/` and `?` of vi's keys.
    static let asking: Set = ["ed-command", "vi-search-prev", "vi-search-next"]

    private static let ownCommands =
        [paste, ask] + asking
        + [TerminalKey.Name.up, .down, .left, .right, .home, .end, .insert, .delete, .pageUp, .pageDown]
        .flatMap { name in
            [TerminalKey.Modifiers(), .control].compactMap { command(for: TerminalKey(name: name, modifiers: $0)) }
        }

    /// The command of libedit for a key.
    private static func command(for key: TerminalKey) -> String? {
        let isOfWords = !key.modifiers.isDisjoint(with: [.control, .alt])
        guard key.modifiers.isDisjoint(with: .others) else { return nil }
        return switch key.name {
        case .up: "ed-prev-history"
        case .down: "ed-next-history"
        case .left: isOfWords ? "ed-prev-word" : "ed-prev-char"
        case .right: isOfWords ? "em-next-word" : "ed-next-char"
        case .home: "ed-move-to-beg"
        case .end: "ed-move-to-end"
        case .insert: "em-toggle-overwrite"
        case .delete: isOfWords ? "em-delete-next-word" : "ed-delete-next-char"
        // Through the lines of the history that begin as the line does up to the cursor.
        case .pageUp: "ed-search-prev-history"
        case .pageDown: "ed-search-next-history"
        }
    }

    /// A text that stands for other keys has no name, and digits mean themselves.
    private static func isCommand(_ binding: String) -> Bool {
        !binding.hasPrefix("\"") && binding != "ed-argument-digit"
    }

    private static func isApplicationArrow(_ sequence: [UInt8]) -> Bool {
        sequence.count == 3 && sequence[1] == UInt8(ascii: "O") && (0x41...0x44).contains(sequence[2])
    }

    /// The bindings of sequences, from lines such as `"^[[A"  ->  ed-prev-history`.
    static func bindings(in listing: String) -> [[UInt8]: String] {
        var bindings: [[UInt8]: String] = [:]
        let lines = listing.split(separator: "\n").drop { $0 != "Multi-character bindings" }
        for line in lines.dropFirst().prefix(while: { $0 != "Arrow key bindings" }) {
            guard let arrow = line.firstRange(of: "->  ") else { continue }
            let key = String(line[..<arrow.lowerBound]).trimmingBlanksAtEnd
            guard key.count > 2, key.first == "\"", key.last == "\"" else { continue }
            bindings[bytes(ofKey: key.dropFirst().dropLast())] = String(line[arrow.upperBound...])
        }
        // Those that begin with no Escape are for libedit, which looks them up itself.
        return bindings.filter { $0.key.first == 0x1B }
    }

    /// The bytes of a key that is written as `^[[A`.
    private static func bytes(ofKey text: Substring) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "^"), let next = rest.first, (0x3F...0x5F).contains(next) {
                bytes.append(next ^ 0x40)
                rest.removeFirst()
            } else {
                bytes.append(byte)
            }
        }
        return bytes
    }
}
