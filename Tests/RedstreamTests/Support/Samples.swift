import Redstream
import TestSupport

extension Message {
    /// The payload as text.
    var text: String { payload.map { String(decoding: $0, as: UTF8.self) } ?? "" }

    /// A message with the field `payload` of so many bytes.
    static func sample(_ id: String, bytes: Int = 2) -> Message {
        let payload = ArraySlice([UInt8](repeating: UInt8(ascii: "1"), count: bytes))
        return Message(
            id: StreamID(id) ?? .zero, fields: [Field(name: Array("payload".utf8)[...], value: payload)])
    }
}

extension OutgoingMessage {
    /// Messages whose payloads are numbers.
    static func numbered(_ numbers: some Sequence<Int>) -> [OutgoingMessage] {
        numbers.map { OutgoingMessage(payload: String($0).utf8) }
    }
}

extension Fixture {
    /// A consumer that notes the payloads it is handed.
    func consumer(
        of stream: String = "products", name: String = "indexer", options: Consumer.Options = .init(),
        client: StreamClient? = nil, noting payloads: Recorder<String>
    ) -> Consumer {
        Consumer(client ?? self.client, stream: stream, name: name, options: options) { batch in
            payloads.note(contentsOf: batch.messages.map(\.text))
        }
    }

    /// The offset of a consumer as it is stored.
    func offset(of name: String = "indexer", on stream: String = "products") async throws -> String? {
        try await string(keys.offset(ConsumerName(stream: stream, name: name)))
    }

    /// The holder of a consumer's lock.
    func holder(of name: String = "indexer", on stream: String = "products") async throws -> String? {
        try await string(lock(of: name, on: stream).key)
    }

    /// The lock of a consumer.
    func lock(of name: String = "indexer", on stream: String = "products") -> LockName {
        keys.lock(ConsumerName(stream: stream, name: name))
    }
}
