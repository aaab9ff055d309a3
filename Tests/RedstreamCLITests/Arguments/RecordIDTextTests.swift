import ArgumentParser
import Redstream
import Testing

@testable import RedstreamCLI

/// The payload of a record's id.
struct RecordIDTextTests {
    private func payload(_ id: some Sequence<UInt8>, as kind: RecordIDText.Kind? = nil) throws -> String {
        var payload: [UInt8] = []
        try RecordIDText.appendPayload(of: ArraySlice(id), as: kind, to: &payload)
        try JSONText.check(payload)
        return String(decoding: payload, as: UTF8.self)
    }

    @Test(arguments: ["0", "1", "-1", "10", "9007199254740993", "123456789012345678901234567890123456789"])
    func writesNumbersWithTheirDigits(id: String) throws {
        #expect(try payload(id.utf8) == #"{"id":\#(id)}"#)
        #expect(try payload(id.utf8, as: .number) == #"{"id":\#(id)}"#)
        #expect(try payload(id.utf8, as: .string) == #"{"id":"\#(id)"}"#)
    }

    @Test(arguments: ["-0", "007", "-", "--1", "1.0", "1e5", "+1", " 1", "1 ", "0x1", "a-5", "٣", "1\r"])
    func writesEverythingElseAsStrings(id: String) throws {
        let expected = id == "1\r" ? #"{"id":"1\r"}"# : #"{"id":"\#(id)"}"#
        #expect(try payload(id.utf8) == expected)
        #expect(throws: RecordIDText.Failure.notANumber) { try payload(id.utf8, as: .number) }
    }

    @Test func escapesWhatJSONOrATerminalWouldTrip() throws {
        #expect(try payload("a\"b\\c\u{1b}\u{7f}\u{9b}é".utf8) == #"{"id":"a\"b\\c\u001b\u007f\u009bé"}"#)
    }

    @Test func refusesEmptyIDsAndBrokenTextAndAppendsNothing() {
        var payload = Array("before".utf8)
        #expect(throws: RecordIDText.Failure.empty) { try RecordIDText.appendPayload(of: [], to: &payload) }
        #expect(throws: RecordIDText.Failure.invalidUTF8) {
            try RecordIDText.appendPayload(of: [0x61, 0xFF], to: &payload)
        }
        #expect(payload == Array("before".utf8))
    }

    @Test func namesItsKindsAsTheCommandLineDoes() {
        #expect(RecordIDText.Kind(argument: "number") == .number)
        #expect(RecordIDText.Kind(argument: "string") == .string)
        #expect(RecordIDText.Kind(argument: "text") == nil)
    }
}
