import Redstream

/// Chooses the shard of a message by the text of one key of its payload.
struct ShardPlacement: Sendable {
    /// Why a message has no place.
    enum Refusal: Error, Sendable, Equatable, CustomStringConvertible {
        /// The payload is no JSON object.
        case notAnObject
        /// There is no such key.
        case noKey(String)
        /// The key's value is neither a number nor a string.
        case noText(String)
        /// The record has no payload to look into.
        case noPayload

        /// The reason as a clause.
        var description: String {
            switch self {
            case .notAnObject: "it has no shard: it is no JSON object"
            case .noKey(let key): "it has no shard: it has no key \"\(TerminalText.escaped(key))\""
            case .noText(let key):
                "it has no shard: the value of \"\(TerminalText.escaped(key))\" is neither a number nor a string"
            case .noPayload: "it has no shard: it has no payload"
            }
        }
    }

    let sharding: Sharding
    let key: String
    private let keyText: [UInt8]

    init(_ sharding: Sharding, key: String) {
        self.sharding = sharding
        self.key = key
        keyText = Array(key.utf8)
    }

    /// The shard of a payload that was checked to be JSON.
    ///
    /// A number counts by its digits as they stand, a string by its text with the escapes undone. Of a key that stands
    /// there twice the last one counts, as for those who read it.
    ///
    /// - Throws: ``Refusal``.
    func shard(ofPayload payload: UnsafeBufferPointer<UInt8>) throws -> Int {
        var scanner = JSONScanner(UnsafeRawBufferPointer(payload))
        scanner.skipBlanks()
        guard let members = try scanner.members() else { throw Refusal.notAnObject }
        guard let member = members.last(where: { isKey(payload[$0.name]) }) else { throw Refusal.noKey(key) }
        let value = payload[member.value]
        // No value is empty.
        switch value.first ?? 0 {
        case UInt8(ascii: "\""):
            let characters = value.dropFirst().dropLast()
            guard characters.contains(UInt8(ascii: "\\")) else {
                return sharding.shard(ofBuffer: UnsafeBufferPointer(rebasing: characters))
            }
            var text: [UInt8] = []
            text.appendUnescaped(ArraySlice(characters))
            return sharding.shard(ofBytes: text)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            return sharding.shard(ofBuffer: UnsafeBufferPointer(rebasing: value))
        default: throw Refusal.noText(key)
        }
    }

    /// The shard of a message with fields, by its payload.
    ///
    /// - Throws: ``Refusal``; `JSONTextError` for a payload that is no JSON.
    func shard(of message: OutgoingMessage) throws -> Int {
        guard let field = message.fields.first(where: { $0.name.elementsEqual(RecordKey.payload.utf8) }) else {
            throw Refusal.noPayload
        }
        try JSONText.check(field.value)
        return try field.value.withUnsafeBufferPointer { try shard(ofPayload: $0) }
    }

    /// Returns whether a member's name, quotes included, is the key.
    private func isKey(_ name: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        let characters = name.dropFirst().dropLast()
        if characters.elementsEqual(keyText) { return true }
        guard characters.contains(UInt8(ascii: "\\")) else { return false }
        return ArraySlice(name).jsonString?.elementsEqual(keyText) == true
    }
}
