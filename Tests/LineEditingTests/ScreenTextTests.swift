import Testing

@testable import LineEditing

/// The width of text on a screen, and its line breaks.
@Suite struct ScreenTextTests {
    @Test(arguments: [
        ("", 0), ("abc", 3), ("顧客", 4), ("e\u{301}", 1), ("🚀", 2), ("ｈａ", 4), ("한국", 4), ("\u{301}", 0), ("é", 1),
        ("…", 1),
        ("\u{200B}", 0), ("日本e\u{301}x", 6),
    ])
    func textTakesColumns(text: String, width: Int) {
        #expect(ScreenText.width(of: text) == width)
    }

    @Test(arguments: [
        ("顧客x", 3, "顧"), ("顧客x", 4, "顧客"), ("e\u{301}x", 1, "e\u{301}"), ("abc", 0, ""), ("abc", 9, "abc"),
    ])
    func beginningFits(text: String, width: Int, beginning: String) {
        #expect(ScreenText.prefix(of: text, width: width).utf8.elementsEqual(beginning.utf8))
    }

    @Test(
        arguments: [
            ("one two three", 7, "one two\n  three"), ("one two three", 13, "one two three"), ("one", 2, "one"),
            ("a verylongword b", 6, "a\n  verylongword\n  b"), ("one\ntwo three", 5, "one\ntwo\n  three"),
            ("顧客 顧客 顧客", 9, "顧客 顧客\n  顧客"), ("one  two", 5, "one\n   two"), ("", 5, ""),
        ])
    func linesAreBrokenBetweenWords(text: String, columns: Int, folded: String) {
        #expect(ScreenText.folded(text, columns: columns, indent: 2) == folded)
    }

    @Test(
        arguments: [
            // A command that is torn would run half of itself when it is pasted.
            (
                "hint: redstream seek --stream 'a b' --name x --to 1-0 undoes it", 20,
                "redstream seek --stream 'a b' --name x --to 1-0"
            ),
            ("hint: name the server with --url redis://host", 12, "--url redis://host"),
            ("hint: ACL SETUSER reader +xadd ~a:* grants it", 12, "ACL SETUSER reader +xadd ~a:*"),
            ("hint: iconv -f UTF-16 -t UTF-8 makes UTF-8 of it", 12, "iconv -f UTF-16 -t UTF-8"),
        ])
    func commandsStayInOnePiece(text: String, columns: Int, piece: String) {
        let lines = ScreenText.folded(text, columns: columns).split(separator: "\n")
        #expect(lines.contains { $0.contains(piece) }, "\(lines)")
        #expect(lines.count > 1)
    }

    @Test(arguments: [
        ("abc", 80, 1), (String(repeating: "x", count: 80), 80, 1), (String(repeating: "顧", count: 41), 80, 2),
        ("x" + String(repeating: "顧", count: 40), 80, 2), ("\u{1B}[31mred\u{1B}[0m", 3, 1), ("", 80, 1),
    ])
    func linesTakeRows(line: String, columns: Int, rows: Int) {
        #expect(TerminalSize(columns: columns, rows: 24).rows(of: line) == rows)
    }
}
