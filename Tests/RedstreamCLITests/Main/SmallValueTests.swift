import Redstream
import Testing

@testable import RedstreamCLI

/// Small values that commands are made of.
@Suite struct SmallValueTests {
    @Test(arguments: [
        ("plain", "plain"), ("a-b_c.d/e:f@g%h+i=j,k", "a-b_c.d/e:f@g%h+i=j,k"), ("", "''"), ("a b", "'a b'"),
        ("it's", #"'it'\''s'"#), ("$x", "'$x'"), ("a\nb", #"$'a\x0ab'"#), ("*", "'*'"), ("é", "'é'"), ("~", "'~'"),
        ("`x`", "'`x`'"), ("½", "'½'"),
        ("\u{1B}[31mit's\\\u{7}", #"$'\x1b[31mit\'s\\\x07'"#), ("a\u{202E}b", #"$'a\xe2\x80\xaeb'"#),
    ])
    func aWordForTheShellIsQuotedWhereItMustBe(text: String, quoted: String) {
        #expect(ShellText.quoted(text) == quoted)
    }

    @Test func aDocumentKeepsTheOrderOfItsKeys() {
        let document = JSONValue.object([
            ("b", .integer(1)), ("a", .array([.null, .bool(true), .bool(false)])),
            ("q\"", .string("x\n\u{1b}é")),
            ("o", .object([])),
        ])
        #expect(document.text == #"{"b":1,"a":[null,true,false],"q\"":"x\n\u001bé","o":{}}"#)
    }

    @Test func whatIsUnknownIsNullAndNotZero() {
        #expect(JSONValue.optional(Int?.none).text == "null")
        #expect(JSONValue.optional(String?.none).text == "null")
        #expect(JSONValue.optional(StreamID?.none).text == "null")
        #expect(JSONValue.milliseconds(nil).text == "null")
        #expect(JSONValue.optional(0).text == "0")
        #expect(JSONValue.milliseconds(.seconds(1.5)).text == "1500")
        #expect(JSONValue.optional(StreamID.max).text == #""18446744073709551615-18446744073709551615""#)
    }

    @Test func columnsAreAsWideAsTheirWidestCell() {
        var table = TextTable([.left("NAME"), .right("N"), .left("X")])
        table.append(["long name", "1", nil])
        table.append(["a", "1000", "y\u{1b}\n"])
        table.append([nil, nil, ""])
        #expect(
            table.text == #"""
                NAME          N  X
                long name     1  -
                a          1000  y\x1b\n
                -             -
                """#)
    }

    @Test(arguments: [
        (0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567"), (-1000, "-1,000"), (100, "100"),
    ])
    func numbersAreGrouped(number: Int, text: String) {
        #expect(number.grouped == text)
    }

    @Test(arguments: [
        (0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1536, "1.5 KiB"), (10_240, "10 KiB"),
        (1_048_576, "1.0 MiB"), (5 << 30, "5.0 GiB"), (3 << 50, "3072 TiB"),
    ])
    func bytesAreShort(bytes: Int, text: String) {
        #expect(ByteText.short(bytes) == text)
    }

    @Test func aBoundedCountSaysSo() {
        #expect(EntryCount(7).text == "7")
        #expect(EntryCount(10_000, isBounded: true).text == "10,000+")
    }

    @Test(
        arguments: [
            ("2s", nil), ("100ms", nil), ("99ms", "it is at least 100ms"), ("0s", "it is at least 100ms"),
            ("5", "it has no unit: write 5s, 5m or 5h"),
        ] as [(String, String?)])
    func watchingHasALeastInterval(text: String, problem: String?) {
        #expect(WatchInterval(argument: text).problem == problem)
    }

    @Test(arguments: [
        "redis://:secret@host", "redis://user:secret@host:1/2", "unix://:secret@/path", "rediss://a:secret@b",
        "x 'redis://:secret@host' y redis://u:secret@h",
        "redis://:se@secret@host", "redis://:se/cret secret'@host",
    ])
    func thePasswordsOfURLsAreHidden(text: String) {
        let hidden = SecretText.hidden(text)
        #expect(!hidden.contains("secret"), "\(hidden)")
        #expect(hidden.contains("://"))
    }

    @Test(arguments: [
        ("redis://:secret@host/2", "redis://host/2"), ("redis://u:se@cret@host", "redis://u@host"),
        ("unix://:secret@/path?db=1", "unix:///path?db=1"), ("redis://host", "redis://host"),
        ("unix:///p", "unix:///p"),
    ])
    func aURLIsRepeatedWithoutItsPassword(url: String, shown: String) {
        #expect(SecretText.withoutPassword(url) == shown)
    }

    @Test(arguments: ["", "redis://host:6379", "a:b@c", "no url", "unix:///path"])
    func otherTextStaysAsItIs(text: String) {
        #expect(SecretText.hidden(text) == text)
    }

    @Test func aMarkThatCombinesWithAQuoteHidesItFromNoShell() {
        #expect(ShellText.quoted("'\u{65C}0") == "''\\''\u{65C}0'")
        #expect(ShellText.quotedForOwnShell("\\\u{65C}") == "\"\\\\\u{65C}\"")
    }
}
