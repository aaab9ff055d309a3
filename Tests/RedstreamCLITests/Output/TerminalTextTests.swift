import Redstream
import Testing

@testable import RedstreamCLI

/// The look of hostile text on a terminal.
struct TerminalTextTests {
    private func escaped(_ bytes: [UInt8]) -> String {
        var line: [UInt8] = []
        TerminalText.append(bytes[...], to: &line)
        return String(decoding: line, as: UTF8.self)
    }

    @Test(arguments: [
        ("", ""), ("plain", "plain"), (#"{"a":"\n"}"#, #"{"a":"\n"}"#), ("é€😀", "é€😀"),
        ("\u{A0}\u{2027}", "\u{A0}\u{2027}"),
        ("a\nb\r\tc", #"a\nb\r\tc"#), ("\0", #"\x00"#), ("\u{1b}[2J", #"\x1b[2J"#),
        ("\u{1b}]0;title\u{7}", #"\x1b]0;title\x07"#), ("\u{7F}", #"\x7f"#), ("\u{9b}31m", #"\u009b31m"#),
        ("\u{80}\u{9F}", #"\u0080\u009f"#), ("abc\u{202E}def", #"abc\u202edef"#),
        ("\u{2066}x\u{2069}", #"\u2066x\u2069"#),
        ("\u{2028}\u{2029}", #"\u2028\u2029"#),
        ("\u{202A}\u{202B}\u{202C}\u{202D}", #"\u202a\u202b\u202c\u202d"#),
    ])
    func escapesWhatCommandsATerminal(text: String, shown: String) {
        #expect(escaped(Array(text.utf8)) == shown)
        #expect(TerminalText.escaped(text) == shown)
    }

    @Test func showsBytesThatAreNoTextInHexadecimal() {
        #expect(escaped([0x61, 0xFF, 0x62]) == #"a\xffb"#)
        #expect(escaped([0xC2]) == #"\xc2"#)
        #expect(escaped([0xC2, 0x41]) == #"\xc2A"#)
        #expect(escaped([0xE2, 0x80]) == #"\xe2\x80"#)
        #expect(escaped([0xED, 0xA0, 0x80]) == #"\xed\xa0\x80"#)
        #expect(escaped([0x9B, 0x33, 0x31, 0x6D]) == #"\x9b31m"#)
        #expect(escaped([0xC0, 0x9B]) == #"\xc0\x9b"#)
    }

    @Test func leavesNoControlWhateverTheBytes() {
        var state: UInt64 = 1
        for _ in 0..<2000 {
            let bytes = (0..<24).map { _ -> UInt8 in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return UInt8(truncatingIfNeeded: state >> 56)
            }
            var line: [UInt8] = []
            TerminalText.append(bytes[...], to: &line)
            #expect(!JSONText.hasControlCharacters(line[...]))
            #expect(String(validating: line, as: UTF8.self) != nil)
        }
    }

    @Test func writesOneLineForAnEntry() {
        func line(_ fields: [(String, String)]) -> String {
            let fields = fields.map { Message.Field(name: Array($0.utf8)[...], value: Array($1.utf8)[...]) }
            var lines: [UInt8] = []
            RecordText.append(Message(id: StreamID(milliseconds: 7, sequence: 1), fields: fields), to: &lines)
            return String(decoding: lines, as: UTF8.self)
        }
        #expect(line([("payload", #"{"id":1}"#)]) == "7-1  {\"id\":1}\n")
        #expect(line([("payload", "a\n8-0  fake")]) == "7-1  a\\n8-0  fake\n")
        #expect(line([("a", "1"), ("b\u{1b}", "2\n")]) == "7-1  a=1 b\\x1b=2\\n\n")
        #expect(line([("payload", "1"), ("payload", "2")]) == "7-1  payload=1 payload=2\n")
        #expect(line([("other", "1")]) == "7-1  other=1\n")
        #expect(line([]) == "7-1 \n")
    }
}
