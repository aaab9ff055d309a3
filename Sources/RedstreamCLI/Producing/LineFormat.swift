import Redstream

/// What a line of input is, and how it becomes an entry.
enum LineFormat: Sendable {
    /// A JSON text.
    case payload
    /// The id of a record.
    case id(RecordIDText.Kind?)
    /// A record as `consume` writes it.
    case record(RecordLineParser)

    /// Appends the entry of a line; blank lines between JSON texts are no entries.
    ///
    /// - Throws: Why the line is refused, without its content.
    func append(_ line: UnsafeBufferPointer<UInt8>, to batch: inout OutgoingBatch) throws {
        switch self {
        case .payload:
            let range = JSONText.trimmed(line)
            guard !range.isEmpty else { return }
            let text = UnsafeBufferPointer(rebasing: line[range])
            try JSONText.check(text)
            batch.append(payload: UnsafeRawBufferPointer(text))
        case .id(let kind):
            var payload: [UInt8] = []
            try RecordIDText.appendPayload(of: ArraySlice(line), as: kind, to: &payload)
            payload.withUnsafeBytes { batch.append(payload: $0) }
        case .record(let parser):
            guard !JSONText.trimmed(line).isEmpty else { return }
            batch.append(try parser.parse(ArraySlice(line)).message)
        }
    }
}
