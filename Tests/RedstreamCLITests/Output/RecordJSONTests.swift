import Redstream
import Testing

@testable import RedstreamCLI

/// The lines that entries become.
struct RecordJSONTests {
    private let id = StreamID(milliseconds: 1_732_350_000_000, sequence: 5)

    private func line(
        _ fields: [([UInt8], [UInt8])], stream: String = "products", payloadAsString: Bool = false
    ) throws -> String {
        let fields = fields.map { Message.Field(name: $0[...], value: $1[...]) }
        var lines: [UInt8] = []
        RecordJSON(stream: stream, payloadAsString: payloadAsString)
            .append(Message(id: id, fields: fields), to: &lines)
        let last = lines.popLast()
        #expect(last == UInt8(ascii: "\n"))
        try JSONText.check(lines)
        #expect(!JSONText.hasControlCharacters(lines[...]))
        return String(decoding: lines, as: UTF8.self)
    }

    private func line(payload: String, payloadAsString: Bool = false) throws -> String {
        try line([(Array("payload".utf8), Array(payload.utf8))], payloadAsString: payloadAsString)
    }

    private let opening = #"{"id":"1732350000000-5","stream":"products","#

    @Test(arguments: [
        #"{"id":1}"#, #"{"id": 1}"#, "1", "null", #""text""#, "[1, 2]", #""\u001b""#,
        #"{"big":12345678901234567890.10}"#,
        #"{"a":1,"a":2}"#, #""é\/""#,
    ])
    func writesAPayloadByteForByte(payload: String) throws {
        #expect(try line(payload: payload) == opening + #""payload":\#(payload)}"#)
    }

    @Test(arguments: [
        ("", #""""#), ("not json", #""not json""#), (" 1", #"" 1""#), ("1 ", #""1 ""#), ("{\n}", #""{\n}""#),
        ("[\t1]", #""[\t1]""#), ("1\n", #""1\n""#), ("\"\u{7F}\"", #""\"\u007f\"""#),
        ("\"\u{9B}\"", #""\"\u009b\"""#),
        (#""\ud800""#, #""\"\\ud800\"""#), ("{} {}", #""{} {}""#), ("\u{FEFF}1", "\"\u{FEFF}1\""),
    ])
    func writesAPayloadThatIsUnfitAsAField(payload: String, json: String) throws {
        #expect(try line(payload: payload) == opening + #""fields":[["payload",\#(json)]]}"#)
    }

    @Test func writesEveryFieldInOrderWithRepeatedNames() throws {
        let fields = [("b", "1"), ("a", "2"), ("b", ""), ("payload", "{}"), ("", "x")].map {
            (Array($0.utf8), Array($1.utf8))
        }
        #expect(
            try line(fields) == opening
                + #""fields":[["b","1"],["a","2"],["b",""],["payload","{}"],["","x"]]}"#)
        #expect(try line([]) == opening + #""fields":[]}"#)
        let payloads = [(Array("payload".utf8), Array("1".utf8)), (Array("payload".utf8), Array("2".utf8))]
        #expect(try line(payloads) == opening + #""fields":[["payload","1"],["payload","2"]]}"#)
    }

    @Test func writesBytesThatAreNoTextAsBase64() throws {
        #expect(
            try line([([0xFF], [0x00, 0xFE]), (Array("payload".utf8), [0x22, 0xFF, 0x22])])
                == opening
                + #""fields":[[{"base64":"/w=="},{"base64":"AP4="}],["payload",{"base64":"Iv8i"}]]}"#)
    }

    @Test func writesAPayloadAsTextWhereToolsWouldRoundIt() throws {
        #expect(
            try line(payload: #"{"id": 12345678901234567890}"#, payloadAsString: true)
                == opening + #""payload_text":"{\"id\": 12345678901234567890}"}"#)
        #expect(try line(payload: " {\n}", payloadAsString: true) == opening + #""payload_text":" {\n}"}"#)
        #expect(
            try line(payload: "no json", payloadAsString: true) == opening
                + #""fields":[["payload","no json"]]}"#)
    }

    @Test func escapesTheNameOfTheStream() throws {
        let text = try line([], stream: "a\"b\n\u{1b}é")
        #expect(text == #"{"id":"1732350000000-5","stream":"a\"b\n\u001bé","fields":[]}"#)
    }

    @Test func writesIDsUpToTheHighest() {
        for id in [
            StreamID.zero, .max, StreamID(milliseconds: 10, sequence: 9),
            StreamID(milliseconds: 9, sequence: 100),
        ] {
            var text: [UInt8] = []
            text.append(id)
            #expect(String(decoding: text, as: UTF8.self) == id.description)
        }
    }
}
