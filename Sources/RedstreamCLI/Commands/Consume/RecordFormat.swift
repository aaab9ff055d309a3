import ArgumentParser
import Redstream

/// The format of entries.
enum RecordFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    case text
    case json
    case payload
}

/// Writes messages in one format.
struct RecordWriter: Sendable {
    let format: RecordFormat
    let records: RecordJSON
    /// True if nothing may be written that could command a terminal, whatever the format.
    let isForTerminal: Bool
    /// The first word of text where several streams are shown.
    var label: String?

    /// Appends a message as its format shows it, with its line feed.
    func append(_ message: Message, to lines: inout [UInt8]) {
        guard isForTerminal, format != .text else { return appendRaw(message, to: &lines) }
        var line: [UInt8] = []
        appendRaw(message, to: &line)
        TerminalText.append(line.dropLast(), to: &lines)
        lines.append(UInt8(ascii: "\n"))
    }

    private func appendRaw(_ message: Message, to lines: inout [UInt8]) {
        switch format {
        case .text:
            if let label {
                TerminalText.append(ArraySlice(label.utf8), to: &lines)
                lines.append(contentsOf: Array("  ".utf8))
            }
            RecordText.append(message, to: &lines)
        case .json: records.append(message, to: &lines)
        case .payload:
            lines.append(contentsOf: message.payload ?? [])
            lines.append(UInt8(ascii: "\n"))
        }
    }
}
