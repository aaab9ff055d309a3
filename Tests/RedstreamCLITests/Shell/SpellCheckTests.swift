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
}
