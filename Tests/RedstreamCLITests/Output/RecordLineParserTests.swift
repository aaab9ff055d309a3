import Redstream
import Testing

@testable import RedstreamCLI

/// Turning records into entries again.
struct RecordLineParserTests {
    private func parse(_ line: String, keepsIDs: Bool = false) throws(RecordLineError)
        -> RecordLineParser.Record
    {
        // A slice that does not start at 0, as lines of a file are.
        try RecordLineParser(keepsIDs: keepsIDs).parse(Array("\n\(line)".utf8).dropFirst())
    }

    private func fields(_ fields: (String, String)...) -> [Message.Field] {
        fields.map { Message.Field(name: Array($0.utf8)[...], value: Array($1.utf8)[...]) }
    }

    /// Any bytes in any field, payloads of every sort, and each of them with and without `payload_text`.
    @Test func restoresEveryEntryThatWasWritten() throws {
        let values: [[UInt8]] =
            [
                "", "1", "{}", #"{"id": 12345678901234567890}"#, " 1", "1\n", "{\n\t}", "text", #""str""#,
                "null",
                #""\ud83d\ude00\n\/""#, #""\ud800""#, "\u{7F}\u{9B}\u{1B}\0", "é€😀\u{202E}", #"a\"b"#,
                "[[[]]]",
                String(repeating: "[", count: 100) + String(repeating: "]", count: 100),
                String(repeating: "[", count: 101) + String(repeating: "]", count: 101),
            ].map { Array($0.utf8) } + [[0xFF], [0x22, 0xC3, 0x22], (0...255).map { UInt8($0) }]
        let id = StreamID(milliseconds: 5, sequence: .max)
        for value in values {
            let entries = [["payload"], ["other"], ["payload", "payload"], ["a", "payload", "a"]].map {
                names in
                names.map { Message.Field(name: Array($0.utf8)[...], value: value[...]) }
            }
            for fields in entries + [[Message.Field(name: value[...], value: value[...])]] {
                for payloadAsString in [false, true] {
                    var line: [UInt8] = []
                    RecordJSON(stream: "a\"\n", payloadAsString: payloadAsString)
                        .append(Message(id: id, fields: fields), to: &line)
                    let record = try RecordLineParser(keepsIDs: true).parse(line[...])
                    #expect(record.message == OutgoingMessage(fields: fields, id: id))
                    #expect(record.id == id && record.stream == "a\"\n")
                }
            }
        }
    }

    @Test func readsLinesThatOtherToolsHaveWrittenAnew() throws {
        let line = """
            { "note" : {"payload": [1]}, "payload" : { "id" : 1 } ,
            "str\\u0065am": "\\u0070\\/\\ud83d\\ude00",\
            "\\u0069d":"7\\u002d1" }\r
            """
        let record = try parse(line)
        #expect(record.message == OutgoingMessage(fields: fields(("payload", #"{ "id" : 1 }"#))))
        #expect(record.id == StreamID(milliseconds: 7, sequence: 1))
        #expect(record.stream == "p/😀")
        let other = try parse(#"{"fields": [ [ "a" , {"base64" : "\/w=="} ] , ["a","\u000a"] ],"id":"7-1"}"#)
        let bytes = Message.Field(name: Array("a".utf8)[...], value: [0xFF])
        #expect(other.message.fields == [bytes] + fields(("a", "\n")))
    }

    @Test func tellsAStringFromAPayloadThatWasWrittenAsOne() throws {
        #expect(try parse(#"{"payload":"1"}"#).message.fields == fields(("payload", #""1""#)))
        #expect(try parse(#"{"payload_text":"1"}"#).message.fields == fields(("payload", "1")))
        #expect(try parse(#"{"payload_text":"\"1\""}"#).message.fields == fields(("payload", #""1""#)))
    }

    @Test func keepsTheIDOnlyWhenAsked() throws {
        let line = #"{"id":"7-1","stream":"s","payload":1}"#
        #expect(try parse(line).message.id == nil)
        #expect(try parse(line, keepsIDs: true).message.id == StreamID(milliseconds: 7, sequence: 1))
    }

    @Test func needsTheIDOnlyToKeepIt() throws {
        let record = try parse(#"{"payload":1}"#)
        #expect(record.id == nil && record.stream == nil)
        #expect(throws: RecordLineError.missingID) { try parse(#"{"payload":1}"#, keepsIDs: true) }
    }

    @Test(
        arguments: [
            ("", .notJSON(JSONTextError(reason: .empty, column: 1))),
            (#"{"id":"7-1","payload":}"#, .notJSON(JSONTextError(reason: .expectedValue, column: 23))),
            (#"{"payload":1"#, .notJSON(JSONTextError(reason: .unexpectedEnd, column: 13))),
            (#"{"payload":1] "#, .notJSON(JSONTextError(reason: .expectedCommaOrEnd, column: 13))),
            (#"{"payload":1}{}"#, .notJSON(JSONTextError(reason: .trailingText, column: 14))),
            (#"{"payload":"\ud800"}"#, .notJSON(JSONTextError(reason: .loneSurrogate, column: 13))),
            ("[]", .notAnObject), (#""x""#, .notAnObject), ("7", .notAnObject),
            (#"{"id":"7-1"}"#, .missingContent), ("{}", .missingContent),
            (#"{"payload":1,"fields":[["a","b"]]}"#, .ambiguousContent),
            (#"{"payload":1,"payload_text":"1"}"#, .ambiguousContent),
            (#"{"payload":1,"payload":2}"#, .repeatedKey("payload")),
            (#"{"id":"7-1","id":"7-1"}"#, .repeatedKey("id")),
            (#"{"id":7,"payload":1}"#, .invalidID), (#"{"id":"7","payload":1}"#, .invalidID),
            (#"{"id":"0-0","payload":1}"#, .invalidID),
            (#"{"id":"18446744073709551616-0","payload":1}"#, .invalidID),
            (#"{"id":null,"payload":1}"#, .invalidID), (#"{"stream":7,"payload":1}"#, .invalidStream),
            (#"{"payload_text":{}}"#, .invalidPayloadText), (#"{"fields":[]}"#, .invalidFields),
            (#"{"fields":{}}"#, .invalidFields), (#"{"fields":["a","b"]}"#, .invalidFields),
            (#"{"fields":[["a"]]}"#, .invalidFields), (#"{"fields":[["a","b","c"]]}"#, .invalidFields),
            (#"{"fields":[["a",1]]}"#, .invalidBytes), (#"{"fields":[["a",{}]]}"#, .invalidBytes),
            (#"{"fields":[["a",{"base64":"Zg="}]]}"#, .invalidBytes),
            (#"{"fields":[["a",{"base64":1}]]}"#, .invalidBytes),
            (#"{"fields":[["a",{"base64":"","x":1}]]}"#, .invalidBytes),
            (#"{"fields":[[{"hex":""},"b"]]}"#, .invalidBytes),
        ] as [(String, RecordLineError)])
    func saysWhatIsWrongWithALine(line: String, error: RecordLineError) {
        #expect(throws: error) { try parse(line) }
        #expect(!"\(error)".isEmpty)
    }

    @Test func refusesEveryLineCutShort() {
        let line = #"{"id":"7-1","stream":"s","fields":[["a",{"base64":"Zg=="}]]}"#
        for length in 0..<line.utf8.count {
            #expect(throws: RecordLineError.self) { try parse(String(line.prefix(length))) }
        }
    }
}
