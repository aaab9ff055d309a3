import Foundation
import Redstream
import Testing

/// The payload of a record.
@Suite struct PayloadTests {
    private func text(_ payload: Payload) -> String { String(decoding: payload.bytes, as: UTF8.self) }

    @Test func writesTheKeyAsTheGemDoes() throws {
        #expect(text(try Payload(id: 5)) == #"{"id":5}"#)
        #expect(text(try Payload(id: Int64.min)) == #"{"id":-9223372036854775808}"#)
        #expect(text(try Payload(id: UInt64.max)) == #"{"id":18446744073709551615}"#)
        #expect(text(try Payload(id: "5")) == #"{"id":"5"}"#)
        #expect(text(try Payload(id: "a\"b\n/é")) == #"{"id":"a\"b\n/é"}"#)
        let id = try #require(UUID(uuidString: "0B5C2F0A-1111-4222-8333-ABCDEFABCDEF"))
        #expect(text(try Payload(id: id)) == #"{"id":"0b5c2f0a-1111-4222-8333-abcdefabcdef"}"#)
        #expect(text(try Payload(id: Optional(7))) == #"{"id":7}"#)
    }

    @Test func aRecordWithoutAKeyHasNoPayload() {
        #expect(throws: PayloadError.noKey) { try Payload(id: Int?.none) }
        #expect(throws: PayloadError.noKey) { try Payload(id: "") }
    }

    @Test func takesOnlyWhatTheGemCanParse() throws {
        #expect(text(try Payload(json: #"{"a":[1]}"#.utf8)) == #"{"a":[1]}"#)
        #expect(text(try Payload(encoding: ["id": 5])) == #"{"id":5}"#)
        #expect(throws: JSONTextError.self) { try Payload(json: #"{"a":"\ud800"}"#.utf8) }
    }

    @Test func doesNotShowItself() throws {
        #expect("\(try Payload(id: 5))" == "payload of 8 bytes")
    }
}

/// Reading a message as a value.
@Suite struct MessageDecodeTests {
    private struct Change: Decodable, Equatable {
        struct Part: Decodable, Equatable { var price: Int }
        var id: Int
        var parts: [Part]
    }

    private func message(_ fields: (String, String)...) -> Message {
        let fields = fields.map { Message.Field(name: Array($0.0.utf8)[...], value: Array($0.1.utf8)[...]) }
        return Message(id: StreamID(milliseconds: 7, sequence: 1), fields: fields)
    }

    @Test func readsThePayload() throws {
        let message = message(("other", "x"), ("payload", #"{"id":5,"parts":[{"price":1}]}"#))
        #expect(try message.decode(Change.self) == Change(id: 5, parts: [.init(price: 1)]))
        let change: Change = try message.decode()
        #expect(change.id == 5)
    }

    @Test func obeysTheDecoderItIsGiven() throws {
        struct Snake: Decodable, Equatable { var orderLine: Int }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let message = message(("payload", #"{"order_line":3}"#))
        #expect(try message.decode(Snake.self, using: decoder) == Snake(orderLine: 3))
    }

    @Test(arguments: [
        (#"{"parts":[]}"#, "the payload has no id"), (#"{"id":"secret","parts":[]}"#, "id is no Int"),
        (#"{"id":null,"parts":[]}"#, "id is null"), (#"secret"#, "it is no JSON"),
        (#"{"id":1,"parts":[{"price":1},{"price":"secret"}]}"#, "parts.[1].price is no Int"),
    ])
    func saysWhereItIsWrongAndNotWhatStandsThere(payload: String, reason: String) throws {
        let message = message(("payload", payload))
        let error = #expect(throws: PayloadError.self) { try message.decode(Change.self) }
        #expect(error == .undecodable(message.id, reason: reason))
        #expect(error?.description.contains("secret") == false)
    }

    @Test func aMessageWithoutAPayloadSaysSo() {
        let message = message(("other", "{}"))
        #expect(throws: PayloadError.noPayload(message.id)) { try message.decode(Change.self) }
    }
}
