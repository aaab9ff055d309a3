import Redstream
import Testing

/// Turning text into a JSON string and back.
struct JSONStringTests {
    private func encoded(_ text: [UInt8]) -> String? {
        var bytes: [UInt8] = []
        return bytes.appendJSONString(text[...]) ? String(decoding: bytes, as: UTF8.self) : nil
    }

    private func decoded(_ characters: String) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendUnescaped(Array(characters.utf8)[...])
        return bytes
    }

    @Test(arguments: [
        ("", #""""#), ("a", #""a""#), ("é€😀/", #""é€😀/""#), (#"a"b\c"#, #""a\"b\\c""#),
        ("\n\r\t\u{8}\u{C}", #""\n\r\t\b\f""#), ("\0\u{1b}[2J", #""\u0000\u001b[2J""#),
        ("\u{7F}", #""\u007f""#), ("\u{80}x\u{9F}", #""\u0080x\u009f""#), ("\u{A0}", "\"\u{A0}\""),
        (
            "a long text with a \u{9b}31m in it, and \"quotes\"",
            #""a long text with a \u009b31m in it, and \"quotes\"""#
        ),
    ])
    func escapesQuotesAndControls(text: String, json: String) {
        #expect(encoded(Array(text.utf8)) == json)
    }

    @Test func appendsNothingForWhatIsNoText() {
        for padding in 0...9 {
            var bytes: [UInt8] = [0x78]
            let text = Array(repeating: UInt8(ascii: "\n"), count: padding) + [0xFF]
            let isText = bytes.appendJSONString(text[...])
            #expect(!isText)
            #expect(bytes == [0x78])
        }
    }

    @Test func writesJSONWithoutControlsForEveryCharacter() throws {
        for value in (0...0x2FF).map({ UInt32($0) }) + [0x2028, 0xD7FF, 0xE000, 0xFFFF, 0x10000, 0x10FFFF] {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let text = Array("1234567\(scalar)90".utf8)
            let json = try #require(encoded(text))
            try JSONText.check(Array(json.utf8))
            #expect(!JSONText.hasControlCharacters(Array(json.utf8)[...]))
            #expect(decoded(String(json.dropFirst().dropLast())) == text)
        }
    }

    @Test(arguments: [
        (#"\u0041\u00e9\u20AC"#, "Aé€"), (#"\ud83d\ude00\uD83D\uDE00!"#, "😀😀!"),
        (#"\uDBFF\uDFFF"#, "\u{10FFFF}"),
        (#"\/\"\\\b\f\n\r\t"#, "/\"\\\u{8}\u{C}\n\r\t"), (#"\\u0041"#, #"\u0041"#), (#"\u0000"#, "\0"),
        (#"\u2028x"#, "\u{2028}x"),
    ])
    func undoesEveryEscape(characters: String, text: String) {
        #expect(decoded(characters) == Array(text.utf8))
    }
}
