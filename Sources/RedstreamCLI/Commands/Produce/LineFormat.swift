import LineEditing
import Redstream

/// The format of a line of input, with which it becomes an entry.
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
            guard let id = try Self.id(in: line) else { return }
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

    /// Tells of a payload that is a whole record, as `consume -o json` prints it: somebody has forgotten --records.
    ///
    /// A payload may be that on purpose, so it is written all the same.
    func noteRecord(in line: UnsafeBufferPointer<UInt8>, called name: String, _ console: Console) {
        guard case .payload = self, RecordLineParser.isRecord(line) else { return }
        console.note("\(name) is a record as consume -o json prints it, and is written as a payload")
        console.hint("--records restores the entry that the record describes")
    }

    /// Returns the id of a record in a line, without the blanks around it, which `psql -t` writes; nil for a blank line.
    ///
    /// - Throws: ``InvisibleText`` or `RecordIDText.Failure` for what no id can be.
    static func id(in line: UnsafeBufferPointer<UInt8>) throws -> UnsafeBufferPointer<UInt8>? {
        let range = JSONText.trimmed(line)
        guard !range.isEmpty else { return nil }
        let id = UnsafeBufferPointer(rebasing: line[range])
        if let problem = InvisibleText.inID(id) { throw problem }
        return id
    }
}

/// A message given as an argument that is blank: nobody types one to say nothing.
struct BlankMessage: Error, CustomStringConvertible {
    var description: String { "it is empty" }
}

extension Failure {
    /// Creates the failure for a message that cannot be written.
    ///
    /// A line is not shown, since payloads do not belong in logs. An argument is: whoever reads this has typed it.
    ///
    /// - Parameters:
    ///   - place: The place of the message in the input: `line 3`, `argument 1`.
    ///   - error: The reason.
    ///   - argument: The message, if it is an argument.
    init(message place: String, _ error: any Error, argument: String? = nil) {
        guard let error = error as? JSONTextError else {
            self.init(.badData, "\(place) is invalid: \(error)", hint: (error as? InvisibleText)?.hintForID)
            return
        }
        let shown = argument.map { " (\(Self.excerpt($0)))" } ?? ""
        self.init(.badData, "\(place) is not JSON\(shown): \(error)")
        guard let argument, error.reason != .empty, Self.looksLikeText(argument) else { return }
        let string = JSONValue.string(argument).text
        hint = "write \(ShellText.quoted(string)) for a JSON string, or use --ids for the ids of records"
    }

    private static func excerpt(_ text: String) -> String {
        ScreenText.width(of: text) > 30 ? "\"\(ScreenText.prefix(of: text, width: 30))…\"" : "\"\(text)\""
    }

    /// Returns whether a text was not even begun as JSON, and is short enough to be written anew.
    private static func looksLikeText(_ text: String) -> Bool {
        guard text.utf8.count <= 60, let first = text.unicodeScalars.first else { return false }
        return !"[{\"".unicodeScalars.contains(first)
    }
}
