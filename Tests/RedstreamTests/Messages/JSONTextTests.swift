import Redstream
import TestSupport
import Testing

/// The texts that `JSONText` accepts, and its errors about the rest.
struct JSONTextTests {
    @Test(arguments: [
        "{}", "[]", "0", "-0", "1", "-1", "10", "1.5", "-1.50", "1e5", "1E+5", "1e-5", "0.0", "0e0", "1e400",
        "123456789012345678901234567890", "true", "false", "null", #""""#, #""a""#, #""\"\\\/\b\f\n\r\t""#,
        #""\u0000""#, #""\u00e9\u00E9""#, #""\ud83d\ude00""#, #""\uDBFF\uDFFF""#,
        "\"\u{7F}\"", "\"é€😀\"", "\"\u{FEFF}\"", "\"\u{D7FF}\u{E000}\u{10FFFF}\"", "\"\u{2028}\"",
        #"{"id": 123}"#, #"{"id":1,"id":2}"#, #"{"":[{"a":{}},[],[[]]]}"#, "[1,2 , 3]",
        " \t\r\n[ \t\r\n1 ] \n",
        #"{ "a" : [ true , false , null ] , "b" : { "c" : "d" } }"#,
        #"["twelve characters", "and more of them"]"#,
    ])
    func acceptsJSON(text: String) throws {
        try JSONText.check(Array(text.utf8))
    }

    @Test(
        arguments: [
            ("", .empty, 1), (" \n", .empty, 3),
            ("\u{FEFF}1", .byteOrderMark, 1),
            ("{", .unexpectedEnd, 2), ("[", .unexpectedEnd, 2), ("[1", .unexpectedEnd, 3),
            ("[1,", .unexpectedEnd, 4),
            (#"{"a"#, .unexpectedEnd, 4), (#"{"a""#, .unexpectedEnd, 5), (#"{"a":"#, .unexpectedEnd, 6),
            (#"{"a":1"#, .unexpectedEnd, 7), (#"{"a":1,"#, .unexpectedEnd, 8), ("\"abc", .unexpectedEnd, 5),
            (#""\"#, .unexpectedEnd, 3), ("tru", .unexpectedEnd, 4), ("-", .unexpectedEnd, 2),
            ("1.", .unexpectedEnd, 3),
            ("1e", .unexpectedEnd, 3), ("1e+", .unexpectedEnd, 4),
            ("[1,]", .expectedValue, 4), ("[,1]", .expectedValue, 2), ("]", .expectedValue, 1),
            ("'a'", .expectedValue, 1),
            ("abc", .expectedValue, 1), ("True", .expectedValue, 1), ("nil", .expectedValue, 1),
            ("/**/1", .expectedValue, 1),
            ("\u{A0}1", .expectedValue, 1), ("\u{B}1", .expectedValue, 1), (#"{"a":}"#, .expectedValue, 6),
            ("\u{0}", .expectedValue, 1), ("[1}", .expectedCommaOrEnd, 3),
            (#"{"a":1]"#, .expectedCommaOrEnd, 7),
            ("[1 2]", .expectedCommaOrEnd, 4), ("[1\u{0}]", .expectedCommaOrEnd, 3),
            ("[truex]", .expectedCommaOrEnd, 6),
            ("{a:1}", .expectedName, 2), ("{1:1}", .expectedName, 2), (#"{"a":1,}"#, .expectedName, 8),
            ("{,}", .expectedName, 2), (#"{"a" 1}"#, .expectedColon, 6), (#"{"a",1}"#, .expectedColon, 5),
            ("1 2", .trailingText, 3), ("{}{}", .trailingText, 3), ("1,", .trailingText, 2),
            ("[]]", .trailingText, 3),
            ("1\u{0}", .trailingText, 2), ("0x1", .trailingText, 2), ("1 //", .trailingText, 3),
            ("truefalse", .trailingText, 5),
            ("01", .invalidNumber, 2), ("-01", .invalidNumber, 3), ("+1", .invalidNumber, 1),
            (".5", .invalidNumber, 1),
            ("1.e1", .invalidNumber, 3), ("-a", .invalidNumber, 2), ("1e+-1", .invalidNumber, 4),
            ("--1", .invalidNumber, 2),
            ("NaN", .notFinite, 1), ("[Infinity]", .notFinite, 2), ("-Infinity", .notFinite, 2),
            ("\"a\nb\"", .controlByte, 3), ("\"\t\"", .controlByte, 2), ("\"\u{0}\"", .controlByte, 2),
            ("\"long enough for words \u{1F}\"", .controlByte, 24), ("{\"a\n\":1}", .controlByte, 4),
            (#""\a""#, .invalidEscape, 2), (#""\'""#, .invalidEscape, 2), (#""\u12""#, .invalidEscape, 2),
            (#""\u00g0""#, .invalidEscape, 2), (#""\U0041""#, .invalidEscape, 2),
            (#""\x41""#, .invalidEscape, 2),
            ("\"\\\u{E9}\"", .invalidEscape, 2), ("\"\\\n\"", .invalidEscape, 2),
            (#""\ud800""#, .loneSurrogate, 2), (#""\udc00""#, .loneSurrogate, 2),
            (#""\ude00\ud83d""#, .loneSurrogate, 2),
            (#""\ud800\u0041""#, .loneSurrogate, 2), (#""\ud800\ud800""#, .loneSurrogate, 2),
            (#""\ud800\n""#, .loneSurrogate, 2), (#""\uD83D😀""#, .loneSurrogate, 2),
            (#"{"\udfff":1}"#, .loneSurrogate, 3),
            (#""\ud83d\u"#, .loneSurrogate, 2),
        ] as [(String, JSONTextError.Reason, Int)])
    func refusesOtherTextAndSaysWhere(text: String, reason: JSONTextError.Reason, column: Int) {
        #expect(throws: JSONTextError(reason: reason, column: column)) {
            try JSONText.check(Array(text.utf8))
        }
    }

    @Test(
        arguments: [
            [0xFF], [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC3], [0xC3, 0x28], [0xE0, 0x80, 0x80],
            [0xE0, 0x9F, 0xBF], [0xE2, 0x82], [0xE2, 0x28, 0xA1], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF],
            [0xF0, 0x80, 0x80, 0x80], [0xF0, 0x8F, 0xBF, 0xBF], [0xF0, 0x9F, 0x98], [0xF4, 0x90, 0x80, 0x80],
            [0xF5, 0x80, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80], [0xFE], [0xF0, 0x9F, 0x98, 0x28],
        ] as [[UInt8]])
    func refusesBrokenUTF8WhereverItStands(sequence: [UInt8]) {
        for padding in 0...16 {
            let before = [UInt8(ascii: "\"")] + Array(repeating: UInt8(ascii: "a"), count: padding)
            let expected = JSONTextError(reason: .invalidUTF8, column: padding + 2)
            #expect(throws: expected) { try JSONText.check(before + sequence + [UInt8(ascii: "\"")]) }
            #expect(throws: expected) { try JSONText.check(before + sequence) }
        }
    }

    @Test func acceptsWhatStringAcceptsAsUTF8AndNothingElse() {
        var generator = SeededGenerator(state: 7)
        let interesting: [UInt8] = [
            0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC2, 0xDF, 0xE0, 0xE2, 0xED, 0xEF, 0xF0,
            0xF4, 0xF5,
        ]
        for _ in 0..<5000 {
            let body = (0..<Int.random(in: 0...12, using: &generator)).map { _ in
                interesting[Int.random(in: 0..<interesting.count, using: &generator)]
            }
            let text = [UInt8(ascii: "\"")] + body + [UInt8(ascii: "\"")]
            let isValid = String(validating: body, as: UTF8.self) != nil
            #expect(accepts(text) == isValid, "\(body)")
        }
    }

    @Test(arguments: ["[", "{\"a\":", "[{\"a\":"])
    func acceptsAHundredLevelsAndRefusesOneMore(opening: String) {
        let levels = opening.utf8.count { $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: "{") }
        let closing = String(opening.reversed().compactMap { $0 == "[" ? "]" : $0 == "{" ? "}" : nil })
        func nested(_ count: Int) -> [UInt8] {
            Array(
                (String(repeating: opening, count: count) + "1" + String(repeating: closing, count: count))
                    .utf8)
        }
        #expect(accepts(nested(100 / levels)))
        #expect(throws: JSONTextError(reason: .tooDeep, column: opening.utf8.count * (100 / levels) + 1)) {
            try JSONText.check(nested(100 / levels + 1))
        }
    }

    @Test func remembersTheKindOfEveryOpenBracket() {
        var generator = SeededGenerator(state: 11)
        for _ in 0..<200 {
            let kinds = (0..<100).map { _ in Bool.random(using: &generator) }
            var text = kinds.map { $0 ? "{\"a\":" : "[" }.joined() + "0"
            text += kinds.reversed().map { $0 ? "}" : "]" }.joined()
            #expect(accepts(Array(text.utf8)))
            let wrong = text.dropLast() + (kinds[0] ? "]" : "}")
            #expect(!accepts(Array(wrong.utf8)))
        }
    }

    @Test func survivesAMillionOpenBrackets() {
        #expect(throws: JSONTextError(reason: .tooDeep, column: 101)) {
            try JSONText.check(Array(repeating: UInt8(ascii: "["), count: 1_000_000))
        }
    }

    @Test func refusesEveryTextCutShort() throws {
        let text = Array(#"{"name":"é\n\ud83d\ude00 and so on","list":[1.5e+3,true,null,{}],"id":-12}"#.utf8)
        try JSONText.check(text)
        for length in 0..<text.count { #expect(!accepts(Array(text[..<length])), "\(length) bytes") }
    }

    @Test func refusesEveryControlByteInAString() {
        for byte in UInt8.min...0x1F {
            for padding in 0...9 {
                let body = Array(repeating: UInt8(ascii: "."), count: padding) + [byte]
                #expect(throws: JSONTextError(reason: .controlByte, column: padding + 2)) {
                    try JSONText.check([UInt8(ascii: "\"")] + body + [UInt8(ascii: "\"")])
                }
            }
        }
    }

    @Test func checksPartsOfArraysByTheirOwnBounds() throws {
        let bytes = Array(#"x{"id":1}x"#.utf8)
        try JSONText.check(bytes[1..<9])
        #expect(throws: JSONTextError(reason: .trailingText, column: 9)) { try JSONText.check(bytes[1..<10]) }
    }

    @Test func describesTheReasonAndTheColumnButNotTheText() {
        let error = JSONTextError(reason: .loneSurrogate, column: 7)
        #expect("\(error)" == "half of a surrogate pair is escaped alone at byte 7")
        #expect(
            Set(JSONTextError.Reason.allCases.map(\.description)).count == JSONTextError.Reason.allCases.count
        )
    }

    private func accepts(_ text: [UInt8]) -> Bool {
        (try? JSONText.check(text)) != nil
    }
}
