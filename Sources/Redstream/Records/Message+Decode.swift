public import FoundationEssentials

extension Message {
    /// Reads the payload as a value.
    ///
    /// ```swift
    /// struct Change: Decodable { var id: Int64 }
    /// let ids = try batch.messages.map { try $0.decode(Change.self).id }
    /// ```
    ///
    /// A message that cannot be read will not be read the next time either: a handler that throws for it holds its
    /// stream up, unless the consumer has a policy for that.
    ///
    /// - Parameters:
    ///   - type: What to read it as.
    ///   - decoder: How; in the default decoder's way if not given.
    /// - Returns: The value.
    /// - Throws: ``PayloadError/noPayload(_:)``, and ``PayloadError/undecodable(_:reason:)`` with the place that is wrong.
    public func decode<Value: Decodable>(
        _ type: Value.Type = Value.self, using decoder: JSONDecoder = JSONDecoder()
    ) throws(PayloadError) -> Value {
        guard let payload else { throw .noPayload(id) }
        do {
            return try decoder.decode(type, from: Data(payload))
        } catch let error as DecodingError {
            throw .undecodable(id, reason: error.place)
        } catch {
            throw .undecodable(id, reason: "its value is refused")
        }
    }
}

extension DecodingError {
    /// The fault and its place; without the text at that place, which may be anything.
    fileprivate var place: String {
        switch self {
        case .typeMismatch(let type, let context): "\(Self.path(context)) is no \(type)"
        case .valueNotFound(_, let context): "\(Self.path(context)) is null"
        case .keyNotFound(let key, let context): "\(Self.path(context)) has no \(key.stringValue)"
        case .dataCorrupted(let context):
            context.codingPath.isEmpty ? "it is no JSON" : "\(Self.path(context)) has a value that is refused"
        @unknown default: "its value is refused"
        }
    }

    private static func path(_ context: Context) -> String {
        guard !context.codingPath.isEmpty else { return "the payload" }
        return context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
    }
}
