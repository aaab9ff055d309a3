import Testing

@testable import LineEditing

/// The keys that the bytes of a terminal make.
struct KeyParserTests {
    /// The keys of a text; `|` stands for a pause in which nothing comes.
    private func keys(_ text: String) -> [String] {
        keys(Array(text.utf8))
    }

    private func keys(_ bytes: [UInt8]) -> [String] {
        var parser = KeyParser()
        var elements: [KeyParser.Element] = []
        for byte in bytes {
            elements += byte == UInt8(ascii: "|") ? parser.end() : parser.take(byte)
        }
        elements += parser.end()
        #expect(parser.patience == nil)
        return elements.map { element in
            switch element {
            case .character(let scalar): String(scalar)
            case .sequence(let bytes): "<\(String(decoding: bytes.dropFirst(), as: UTF8.self))>"
            }
        }
    }

    @Test(arguments: [
        ("aé日😀b", ["a", "é", "日", "😀", "b"]), ("\u{1B}[1;5Dx", ["<[1;5D>", "x"]), ("\u{1B}OAx", ["<OA>", "x"]),
        ("\u{1B}O5Dx", ["<O5D>", "x"]), ("\u{1B}\u{1B}[Dx", ["<\u{1B}[D>", "x"]), ("\u{1B}bx", ["<b>", "x"]),
        ("\u{1B}éx", ["<é>", "x"]), ("\u{1B}[[Ax", ["<[[A>", "x"]), ("\u{1B}[7$x", ["<[7$>", "x"]),
        ("\u{1B}[?2004;1$yx", ["<[?2004;1$y>", "x"]), ("\u{1B}[<0;12;5Mx", ["<[<0;12;5M>", "x"]),
        ("\u{1B}[M !!x", ["<[M !!>", "x"]), ("\u{1B}[M é!x", ["<[M é!>", "x"]), ("\u{1B}[M !éx", ["<[M !é>", "x"]),
        ("\u{1B}]11;rgb:0/0/0\u{7}x", ["<]11;rgb:0/0/0\u{7}>", "x"]),
        ("\u{1B}P1$r0m\u{1B}\\x", ["<P1$r0m\\>", "x"]), ("\u{1B}[27;5;97~x", ["<[27;5;97~>", "x"]),
        ("\u{1B}[97:65;2:1ux", ["<[97:65;2:1u>", "x"]), ("\u{1B}[Ix\u{1B}[O", ["<[I>", "x", "<[O>"]),
        ("\u{1B}|x", ["\u{1B}", "x"]), ("\u{1B}|[A", ["\u{1B}", "[", "A"]),
        ("\u{1B}\u{1B}|x", ["\u{1B}", "\u{1B}", "x"]),
    ])
    func sequencesAreTakenWhole(text: String, expected: [String]) {
        #expect(keys(text) == expected)
    }

    @Test(arguments: [
        // Nothing more comes, and then the next key is one of its own.
        ("\u{1B}[|x", ["<[>", "x"]), ("\u{1B}O|x", ["<O>", "x"]), ("\u{1B}]|x", ["<]>", "x"]), ("\u{1B}[1;|x", ["x"]),
        ("\u{1B}]0;title|x", ["x"]), ("\u{1B}P1$r|x", ["x"]), ("\u{1B}P1\u{1B}|x", ["x"]), ("\u{1B}[M |x", ["x"]),
        // A control character, or another sequence, ends what was begun.
        ("\u{1B}[1;\u{3}x", ["\u{3}", "x"]), ("\u{1B}[\u{3}", ["\u{3}"]), ("\u{1B}O\u{4}", ["\u{4}"]),
        ("\u{1B}]0;t\u{3}", ["\u{3}"]), ("\u{1B}[M \u{3}", ["\u{3}"]), ("\u{1B}[1\u{1B}[A", ["<[A>"]),
        ("\u{1B}]0;t\u{1B}[A", ["<[A>"]), ("\u{1B}[1é", ["é"]), ("\u{1B}\u{3}", ["<\u{3}>"]),
        // What is left of a character, and controls that no keyboard has.
        ("\u{9B}x\u{85}", ["x"]),
    ])
    func sequencesThatAreCutLeaveNothing(text: String, expected: [String]) {
        #expect(keys(text) == expected)
    }

    @Test func bytesThatAreNoUTF8AreReplaced() {
        #expect(
            keys([0xE6, 0x97, 0x61, 0xFF, 0x80, 0xE6, 0x97]) == ["\u{FFFD}", "a", "\u{FFFD}", "\u{FFFD}", "\u{FFFD}"])
    }

    @Test func longSequencesTakeNoMemory() {
        #expect(keys("\u{1B}[" + String(repeating: "1", count: 100_000) + "Dx").map(\.count) == [65, 1])
    }

    @Test(arguments: [
        ("[D", SequenceMeaning.key(.init(name: .left))), ("OD", .key(.init(name: .left))),
        ("[1;5D", .key(.init(name: .left, modifiers: .control))),
        ("[5D", .key(.init(name: .left, modifiers: .control))),
        ("O5D", .key(.init(name: .left, modifiers: .control))), ("Od", .key(.init(name: .left, modifiers: .control))),
        ("[d", .key(.init(name: .left, modifiers: .shift))), ("[1;3C", .key(.init(name: .right, modifiers: .alt))),
        ("\u{1B}[C", .key(.init(name: .right, modifiers: .alt))),
        ("\u{1B}OC", .key(.init(name: .right, modifiers: .alt))),
        ("[1;5:2C", .key(.init(name: .right, modifiers: .control))), ("[1;5:3C", .nothing),
        ("[H", .key(.init(name: .home))), ("[1~", .key(.init(name: .home))), ("[7~", .key(.init(name: .home))),
        ("OH", .key(.init(name: .home))), ("[F", .key(.init(name: .end))), ("[4~", .key(.init(name: .end))),
        ("[8~", .key(.init(name: .end))), ("OF", .key(.init(name: .end))),
        ("[8^", .key(.init(name: .end, modifiers: .control))),
        ("[2~", .key(.init(name: .insert))), ("[3~", .key(.init(name: .delete))),
        ("[3;5~", .key(.init(name: .delete, modifiers: .control))),
        ("[3^", .key(.init(name: .delete, modifiers: .control))),
        ("[3$", .key(.init(name: .delete, modifiers: .shift))), ("[5~", .key(.init(name: .pageUp))),
        ("[6~", .key(.init(name: .pageDown))), ("[57417u", .key(.init(name: .left))),
        // Characters that are told with their modifiers.
        ("[99;5u", .typed([3])), ("[27;5;99~", .typed([3])), ("[97;2u", .typed([65])), ("[97:65;2u", .typed([65])),
        ("[98;3u", .typed([0x1B, 98])), ("[13u", .typed([13])), ("[127;5u", .typed([0x17])), ("[27u", .typed([27])),
        ("[32;5u", .typed([0])), ("[99;9u", .nothing), ("[233u", .typed(Array("é".utf8))), ("OM", .typed([13])),
        ("Op", .typed([48])), ("Oy", .typed([57])), ("Ok", .typed([43])),
        // What means nothing.
        ("[I", .nothing), ("[O", .nothing), ("OP", .nothing), ("[15~", .nothing), ("[[A", .nothing), ("[Z", .nothing),
        ("[<0;1;1M", .nothing), ("[?1;2c", .nothing), ("[12;5R", .nothing), ("[57441;1u", .nothing),
        ("[200~", .pasteBegins),
        ("[201~", .pasteEnds), ("]0;x\u{7}", .nothing), ("[99999999999999999999;5D", .nothing),
        ("[3;~", .key(.init(name: .delete))),
    ])
    func sequencesMeanWhatTerminalsSendThemFor(text: String, expected: SequenceMeaning) {
        #expect(SequenceMeaning([0x1B] + Array(text.utf8)) == expected)
    }

    @Test func bindingsAreReadAsLibeditListsThem() {
        let listing = """
            Standard key bindings
            "^A"           ->  ed-move-to-beg
            Multi-character bindings
            "^[[A"         ->  ed-prev-history
            "^[^?"         ->  ed-delete-prev-word
            "^[[7^"        ->  em-next-word
            "^[[15~"       ->  "PING^M"
            "^X^X"         ->  em-exchange-mark
            "^["quoted"    ->  ed-next-char
            Arrow key bindings
            down           ->  ed-next-history
            """
        let bindings = KeyBindings.bindings(in: listing)
        #expect(
            bindings == [
                Array("\u{1B}[A".utf8): "ed-prev-history", Array("\u{1B}\u{7F}".utf8): "ed-delete-prev-word",
                Array("\u{1B}[7^".utf8): "em-next-word", Array("\u{1B}[15~".utf8): "\"PING^M\"",
                Array("\u{1B}\"quoted".utf8): "ed-next-char",
            ])
    }
}
