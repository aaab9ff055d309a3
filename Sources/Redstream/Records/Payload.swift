public import FoundationEssentials

/// The JSON text of a message: what its consumers are told of a record.
///
/// Its description shows the size only, since payloads do not belong in logs.
public struct Payload: Sendable, Hashable {
    /// The text, in UTF-8.
    public let bytes: [UInt8]

    /// Creates the payload that the gem gives a record by default, `{"id":5}` or `{"id":"a-5"}`.
    ///
    /// - Parameter id: The primary key.
    /// - Throws: ``PayloadError/noKey`` for a nil or empty key: the record is not inserted yet.
    public init(id: some RecordKey) throws(PayloadError) {
        self = try Payload(anyID: id)
    }

    /// Creates the payload of a key whose type is known at run time only.
    init(anyID id: any RecordKey) throws(PayloadError) {
        var bytes: [UInt8] = []
        do {
            let text = Array((id.recordKeyText ?? "").utf8)[...]
            try RecordIDText.appendPayload(of: text, as: type(of: id).isNumber ? .number : .string, to: &bytes)
        } catch {
            throw .noKey
        }
        self.bytes = bytes
    }

    /// Creates a payload from a value, such as a record with more than its id.
    ///
    /// ```swift
    /// let payload = try Payload(encoding: ["id": order.id, "customer_id": order.customerID])
    /// ```
    ///
    /// - Parameters:
    ///   - value: What to encode.
    ///   - encoder: How; in the default encoder's way if not given.
    /// - Throws: What encoding throws; ``JSONTextError`` where consumers could not parse the result.
    public init(encoding value: some Encodable, using encoder: JSONEncoder = JSONEncoder()) throws {
        try self.init(json: encoder.encode(value))
    }

    /// Creates a payload from JSON text.
    ///
    /// - Parameter text: The text, in UTF-8.
    /// - Throws: ``JSONTextError`` where consumers could not parse it.
    public init(json text: some Sequence<UInt8>) throws(JSONTextError) {
        bytes = Array(text)
        try JSONText.check(bytes)
    }

    /// Creates a payload from the bytes of another.
    package init(checked bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The message with this payload.
    public var message: OutgoingMessage { OutgoingMessage(payload: bytes) }
}

extension Payload: CustomStringConvertible {
    /// The size in bytes; never the text.
    public var description: String { "payload of \(bytes.count.counted("byte", "bytes"))" }
}
