import Redstream
import Testing

/// The looks at bytes that `JSONText` offers beside its check.
struct JSONTextBytesTests {
    @Test(arguments: [
        ("", ""), (" \t\r\n ", ""), ("1", "1"), (" 1", "1"), ("1\n", "1"), (" [ 1 ]\r\n", "[ 1 ]"),
        ("\u{B}1\u{A0}", "\u{B}1\u{A0}"),
    ])
    func trimsTheBlanksOfJSONOnly(text: String, trimmed: String) {
        #expect(JSONText.trimmed(Array("x\(text)".utf8).dropFirst()).elementsEqual(trimmed.utf8))
    }

    @Test(arguments: [
        "", "a", #"{"id": 123}"#, "é€😀", "\u{A0}", "Â", "long enough for several words", "ÂÂÂÂÂÂÂÂÂ",
    ])
    func findsNoControlCharacters(text: String) {
        #expect(!JSONText.hasControlCharacters(Array(text.utf8)[...]))
    }

    @Test func findsControlCharactersWhereverTheyStand() {
        let controls = (0...0x1F).map { UInt32($0) } + [0x7F] + (0x80...0x9F).map { UInt32($0) }
        for control in controls.compactMap(Unicode.Scalar.init) {
            for padding in 0...17 {
                let text = String(repeating: "Â", count: padding) + String(control) + "0123456789"
                #expect(
                    JSONText.hasControlCharacters(Array(text.utf8)[...]), "\(control.value) after \(padding)")
            }
        }
    }

    @Test func takesALoneLeadByteAtTheEndForNoControlCharacter() {
        #expect(!JSONText.hasControlCharacters([0x41, 0xC2]))
    }
}
