import Testing

@testable import Redstream

@Suite(.timeLimit(.minutes(3))) struct StreamIDTests {
    @Test(
        arguments: [
            ("0-0", 0, 0), ("1000-10", 1000, 10), ("007-01", 7, 1), ("18446744073709551615-0", .max, 0),
            ("18446744073709551615-18446744073709551615", .max, .max),
        ] as [(String, UInt64, UInt64)])
    func readsMillisecondsAndSequence(text: String, milliseconds: UInt64, sequence: UInt64) {
        let id = StreamID(milliseconds: milliseconds, sequence: sequence)
        #expect(StreamID(text) == id)
        #expect(StreamID(utf8: text.utf8) == id)
        #expect(StreamID(id.description) == id)
    }

    @Test(arguments: [
        "", "-", "1", "1-", "-1", "1-2-3", "1--2", "+1-0", "1-+2", " 1-0", "1-0 ", "1-0\n", "a-0", "0x1-0",
        "1-a",
        "18446744073709551616-0", "0-18446744073709551616", "99999999999999999999999-0", "$", "*", ">",
        "1:0", "1/0", "١-٠",
    ])
    func refusesAnythingElse(text: String) {
        #expect(StreamID(text) == nil)
    }

    @Test func comparesAsNumbersWhereTextsWouldLie() throws {
        let ids = try [
            "0-0", "0-1", "9-0", "10-0", "999-9", "1000-9", "1000-10", "1001-0", "18446744073709551615-0",
        ]
        .map { try #require(StreamID($0)) }
        #expect(ids.shuffled().sorted() == ids)
        #expect("1000-10" < "1000-9", "which is what the gem compares")
    }

    @Test func neighboursCrossMillisecondsAndEndAtTheEdges() {
        let edge = StreamID(milliseconds: 7, sequence: .max)
        #expect(edge.successor == StreamID(milliseconds: 8, sequence: 0))
        #expect(StreamID(milliseconds: 8).predecessor == edge)
        #expect(StreamID.max.successor == nil)
        #expect(StreamID.zero.predecessor == nil)
        #expect(StreamID.zero.successor == StreamID(milliseconds: 0, sequence: 1))
        #expect(StreamID.max.predecessor == StreamID(milliseconds: .max, sequence: .max - 1))
    }

    @Test func anOffsetMayLackItsSequence() {
        #expect(StreamID(lenient: "1000") == StreamID(milliseconds: 1000))
        #expect(StreamID(lenient: "1000-7") == StreamID(milliseconds: 1000, sequence: 7))
        #expect(StreamID(lenient: "") == nil)
        #expect(StreamID(lenient: "latest") == nil)
    }
}

@Suite(.timeLimit(.minutes(3))) struct MessageTests {
    @Test func thePayloadIsTheFirstFieldOfThatName() {
        let fields = [("a", "1"), ("payload", "2"), ("payload", "3")].map {
            Message.Field(name: Array($0.0.utf8)[...], value: Array($0.1.utf8)[...])
        }
        let message = Message(id: .zero, fields: fields)
        #expect(message.text == "2")
        #expect(message.fields == fields)
        #expect(Message(id: .zero, fields: [fields[0]]).payload == nil)
    }

    @Test func aDescriptionShowsNoPayload() {
        let message = Message.sample("1-2")
        #expect("\(message)" == "message 1-2")
    }
}
