import Redstream

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
