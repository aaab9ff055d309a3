import ArgumentParser
import Redstream

/// How entries are written.
enum RecordFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    case text
    case json
    case payload
}

/// Writes messages in one format.
struct RecordWriter: Sendable {
    let format: RecordFormat
    let records: RecordJSON

    /// Appends a message as its format shows it, with its line feed.
    func append(_ message: Message, to lines: inout [UInt8]) {
        switch format {
        case .text: RecordText.append(message, to: &lines)
        case .json: records.append(message, to: &lines)
        case .payload:
            lines.append(contentsOf: message.payload ?? [])
            lines.append(UInt8(ascii: "\n"))
        }
    }
}
