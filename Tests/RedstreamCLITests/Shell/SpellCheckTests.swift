import Testing

@testable import RedstreamCLI

struct SpellCheckTests {
    @Test(arguments: [
        ("trimm", "trim"), ("porduce", "produce"), ("XLNE", "XLEN"), ("inspect-ofsets", "inspect-offsets"),
        ("inspct", "inspect-offsets"), ("offsets", "inspect-offsets"), ("xyzzy", nil), ("q", nil),
    ])
    func findsWhatWasMeant(word: String, expected: String?) {
        let candidates = ["trim", "produce", "XLEN", "inspect-offsets", "consume"]
        #expect(SpellCheck.closest(to: word, among: candidates) == expected)
    }

    @Test func aLongWordTakesNoTime() {
        let candidates = (0..<200).map { "command-\($0)" }
        #expect(SpellCheck.closest(to: String(repeating: "x", count: 1 << 20), among: candidates) == nil)
    }
}
