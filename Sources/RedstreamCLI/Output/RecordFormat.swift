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
    /// Whether a terminal reads along, to which payloads must not speak.
    let isForTerminal: Bool

    /// Appends a message as its format shows it, with its line feed.
    func append(_ message: Message, to lines: inout [UInt8]) {
        switch format {
        case .text: RecordText.append(message, to: &lines)
        case .json: records.append(message, to: &lines)
        case .payload:
            let payload = message.payload ?? []
            if isForTerminal {
                TerminalText.append(payload, to: &lines)
            } else {
                lines.append(contentsOf: payload)
            }
            lines.append(UInt8(ascii: "\n"))
        }
    }
}
