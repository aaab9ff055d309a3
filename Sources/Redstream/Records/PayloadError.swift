/// Says why a record cannot be streamed, or a message cannot be read as a record.
public enum PayloadError: Error, Sendable, Equatable {
    /// The record has no primary key yet, or an empty one.
    case noKey
    /// The message has no field named `payload`.
    case noPayload(StreamID)
    /// The payload is not what was to be decoded. The reason names the place in it and never what stands there.
    case undecodable(StreamID, reason: String)
}

extension PayloadError: CustomStringConvertible {
    /// One clause in words.
    public var description: String {
        switch self {
        case .noKey: "the record has no primary key yet"
        case .noPayload(let id): "message \(id) has no payload"
        case .undecodable(let id, let reason): "message \(id) cannot be decoded: \(reason)"
        }
    }
}
