import Redstream

/// Restores entries from the lines that ``RecordJSON`` writes.
///
/// Other tools may have passed the line on: blanks, the order of keys and the way of escaping do not matter,
/// and keys that a record does not have are ignored. Field names and values come back byte for byte. So does
/// a payload, except where a tool has written its JSON anew.
struct RecordLineParser: Sendable {
    /// An entry as a line describes it.
    struct Record: Sendable, Equatable {
        /// The message to write; it has the entry's id if the parser keeps ids.
        var message: OutgoingMessage
        /// The id that the entry had; nil where the line has none.
        var id: StreamID?
        /// The stream that the entry stood in; nil where the line names none.
        var stream: String?
    }

    /// True if messages are to be written under the ids that the lines give; a line without one is refused
    /// then.
    let keepsIDs: Bool

    /// Returns whether a line is a record as `consume -o json` prints it: an id, a stream, and something to write.
    static func isRecord(_ line: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let record = try? RecordLineParser(keepsIDs: true).parse(ArraySlice(line)) else { return false }
        return record.stream != nil
    }

    /// Parses one line, with or without its line feed.
    ///
    /// A payload shares the bytes of the line.
    ///
    /// - Parameter line: The bytes of the line.
    /// - Returns: The entry.
    /// - Throws: ``RecordLineError`` with what is wrong.
    func parse(_ line: ArraySlice<UInt8>) throws(RecordLineError) -> Record {
        let values = try RecordValues(of: line)
        if keepsIDs, values.id == nil { throw .missingID }
        var record = Record(message: OutgoingMessage(fields: try values.fields()))
        if let id = values.id {
            guard let text = id.jsonString, let id = StreamID(utf8: text), id > .zero else {
                throw .invalidID
            }
            record.id = id
            if keepsIDs { record.message.id = id }
        }
        if let stream = values.stream {
            guard let text = stream.jsonString else { throw .invalidStream }
            record.stream = String(decoding: text, as: UTF8.self)
        }
        return record
    }
}

/// The values of a record's keys, each the JSON text that stands in the line.
private struct RecordValues {
    private(set) var id: ArraySlice<UInt8>?
    private(set) var stream: ArraySlice<UInt8>?
    private var payload: ArraySlice<UInt8>?
    private var payloadText: ArraySlice<UInt8>?
    private var fieldList: ArraySlice<UInt8>?

    init(of line: ArraySlice<UInt8>) throws(RecordLineError) {
        let members: [JSONScanner.Member]?
        do {
            members = try line.withUnsafeBufferPointer { bytes throws(JSONTextError) in
                var scanner = JSONScanner(UnsafeRawBufferPointer(bytes))
                try scanner.skipToFirstValue()
                guard let members = try scanner.members() else { return nil }
                scanner.skipBlanks()
                guard scanner.isAtEnd else { throw scanner.error(.trailingText) }
                return members
            }
        } catch {
            throw .notJSON(error)
        }
        guard let members else { throw .notAnObject }
        for member in members {
            guard let name = line.part(member.name).jsonString else { continue }
            let value = line.part(member.value)
            switch String(decoding: name, as: UTF8.self) {
            case RecordKey.id: try Self.set(&id, value, RecordKey.id)
            case RecordKey.stream: try Self.set(&stream, value, RecordKey.stream)
            case RecordKey.payload: try Self.set(&payload, value, RecordKey.payload)
            case RecordKey.payloadText: try Self.set(&payloadText, value, RecordKey.payloadText)
            case RecordKey.fields: try Self.set(&fieldList, value, RecordKey.fields)
            default: continue
            }
        }
    }

    private static func set(
        _ slot: inout ArraySlice<UInt8>?, _ value: ArraySlice<UInt8>, _ key: String
    ) throws(RecordLineError) {
        guard slot == nil else { throw .repeatedKey(key) }
        slot = value
    }

    private static let payloadName = Array(RecordKey.payload.utf8)[...]

    /// The fields of the entry, whichever way the line holds them.
    func fields() throws(RecordLineError) -> [Message.Field] {
        switch (payload, payloadText, fieldList) {
        case (nil, nil, nil):
            throw .missingContent
        case (let payload?, nil, nil):
            return [Message.Field(name: Self.payloadName, value: payload)]
        case (nil, let payloadText?, nil):
            guard let text = payloadText.jsonString else { throw .invalidPayloadText }
            return [Message.Field(name: Self.payloadName, value: text)]
        case (nil, nil, let fieldList?):
            guard let pairs = fieldList.jsonElements, !pairs.isEmpty else { throw .invalidFields }
            var fields: [Message.Field] = []
            for pair in pairs {
                guard let parts = pair.jsonElements, parts.count == 2 else { throw .invalidFields }
                guard let name = parts[0].recordBytes, let value = parts[1].recordBytes else {
                    throw .invalidBytes
                }
                fields.append(Message.Field(name: name, value: value))
            }
            return fields
        default:
            throw .ambiguousContent
        }
    }
}

extension ArraySlice<UInt8> {
    /// The elements of a JSON array; nil for a value of another kind.
    fileprivate var jsonElements: [ArraySlice<UInt8>]? {
        let ranges = withUnsafeBufferPointer { bytes in
            var scanner = JSONScanner(UnsafeRawBufferPointer(bytes))
            return try? scanner.elements()
        }
        return ranges?.map { part($0) }
    }

    /// The bytes that a string or `{"base64": …}` stands for; nil for anything else.
    fileprivate var recordBytes: ArraySlice<UInt8>? {
        if let text = jsonString { return text }
        let members = withUnsafeBufferPointer { bytes in
            var scanner = JSONScanner(UnsafeRawBufferPointer(bytes))
            return try? scanner.members()
        }
        guard let members, members.count == 1, let member = members.first,
            part(member.name).jsonString?.elementsEqual(RecordKey.base64.utf8) == true,
            let text = part(member.value).jsonString, let bytes = Base64.decode(text)
        else { return nil }
        return bytes[...]
    }
}

/// Says why a line is not a record, in a clause that follows "not a record:".
///
/// It holds no byte of the line.
enum RecordLineError: Error, Sendable, Equatable {
    /// The line is not JSON.
    case notJSON(JSONTextError)
    /// The line is JSON of another kind than an object.
    case notAnObject
    /// A key that a record has once stands there twice.
    case repeatedKey(String)
    /// There is no `id`, which the caller wants to keep.
    case missingID
    /// The `id` is not the text of an entry id, or is `0-0`, which no entry has.
    case invalidID
    /// The `stream` is not a string.
    case invalidStream
    /// There is nothing to write: neither `payload` nor `payload_text` nor `fields`.
    case missingContent
    /// More than one of `payload`, `payload_text` and `fields` is there.
    case ambiguousContent
    /// The `payload_text` is not a string.
    case invalidPayloadText
    /// The `fields` are not a list of pairs of a name and a value, or an empty one, which Redis refuses.
    case invalidFields
    /// A name or a value in `fields` is neither a string nor `{"base64": …}` with valid Base64.
    case invalidBytes
}

extension RecordLineError: CustomStringConvertible {
    var description: String {
        switch self {
        case .notJSON(let error): "\(error)"
        case .notAnObject: "a record is a JSON object"
        case .repeatedKey(let key): "the key \(key) stands there twice"
        case .missingID: "the id is missing"
        case .invalidID: "the id is not that of an entry, such as \"1732350000000-0\""
        case .invalidStream: "the stream is not a string"
        case .missingContent: "there is neither a payload nor fields"
        case .ambiguousContent: "there is more than one of payload, payload_text and fields"
        case .invalidPayloadText: "the payload_text is not a string"
        case .invalidFields: "the fields are not a list of [name, value]"
        case .invalidBytes: "a name or a value in the fields is neither a string nor {\"base64\": …}"
        }
    }
}

extension ArraySlice<UInt8> {
    /// The part at positions that are counted from the slice's start.
    func part(_ range: Range<Int>) -> ArraySlice<UInt8> {
        self[startIndex + range.lowerBound..<startIndex + range.upperBound]
    }

    /// The text of a JSON string; nil for a value of another kind.
    var jsonString: ArraySlice<UInt8>? {
        guard first == UInt8(ascii: "\"") else { return nil }
        let characters = dropFirst().dropLast()
        guard characters.contains(UInt8(ascii: "\\")) else { return characters }
        var text: [UInt8] = []
        text.reserveCapacity(characters.count)
        text.appendUnescaped(characters)
        return text[...]
    }
}
