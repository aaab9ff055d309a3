import Redstream

/// What a line of input is, and how it becomes an entry.
enum LineFormat: Sendable {
    /// A JSON text.
    case payload
    /// The id of a record.
    case id(RecordIDText.Kind?)
    /// A record as `consume` writes it.
    case record(RecordLineParser)

    /// Appends the entry of a line; blank lines are no entries, and blanks around an id do not belong to it.
    ///
    /// - Parameters:
    ///   - line: The line, without its line feed.
    ///   - batch: Where the entry goes.
    ///   - placement: Chooses its shard; nil where there are none.
    /// - Throws: Why the line is refused, without its content.
    func append(
        _ line: UnsafeBufferPointer<UInt8>, to batch: inout OutgoingBatch, placedBy placement: ShardPlacement? = nil
    ) throws {
        switch self {
        case .payload:
            let range = JSONText.trimmed(line)
            guard !range.isEmpty else { return }
            let text = UnsafeBufferPointer(rebasing: line[range])
            try JSONText.check(text)
            let shard = try placement?.shard(ofPayload: text) ?? 0
            batch.append(payload: UnsafeRawBufferPointer(text), to: shard)
        case .id(let kind):
            // As `psql -t` writes it, with a blank before it.
            let range = JSONText.trimmed(line)
            guard !range.isEmpty else { return }
            let id = UnsafeBufferPointer(rebasing: line[range])
            var payload: [UInt8] = []
            try RecordIDText.appendPayload(of: ArraySlice(id), as: kind, to: &payload)
            let shard = placement?.sharding.shard(ofBuffer: id) ?? 0
            payload.withUnsafeBytes { batch.append(payload: $0, to: shard) }
        case .record(let parser):
            guard !JSONText.trimmed(line).isEmpty else { return }
            let message = try parser.parse(ArraySlice(line)).message
            batch.append(message, to: try placement?.shard(of: message) ?? 0)
        }
    }
}

/// A message given as an argument that is blank: nobody types one to say nothing.
struct BlankMessage: Error, CustomStringConvertible {
    var description: String { "it is empty" }
}
