import RedstreamConnection

/// An entry read from a stream: its id and all of its fields, in order, as bytes.
///
/// Messages of one batch share the bytes that came from the server; copying a message copies none of them.
/// The description shows the id only, since payloads do not belong in logs.
public struct Message: Sendable, Identifiable {
    /// One field: a name and a value, each any bytes.
    ///
    /// Names may repeat.
    public struct Field: Sendable, Equatable {
        /// The name, usually text.
        public let name: ArraySlice<UInt8>
        /// The value.
        public let value: ArraySlice<UInt8>

        /// Creates a field from bytes.
        public init(name: ArraySlice<UInt8>, value: ArraySlice<UInt8>) {
            self.name = name
            self.value = value
        }
    }

    /// The id that Redis gave the entry.
    public let id: StreamID
    private let content: Content

    private enum Content: Sendable {
        case entry(StreamEntries.Entry)
        case fields([Field])
    }

    /// Creates a message from parts, as tests and restored records do.
    public init(id: StreamID, fields: [Field]) {
        self.id = id
        content = .fields(fields)
    }

    /// Wraps an entry of a reply; nil where its id is none.
    init?(_ entry: StreamEntries.Entry) {
        guard let id = StreamID(utf8: entry.id) else { return nil }
        self.id = id
        content = .entry(entry)
    }

    /// The number of fields, repeated names included.
    public var fieldCount: Int {
        switch content {
        case .entry(let entry): entry.fieldElementCount / 2
        case .fields(let fields): fields.count
        }
    }

    /// The field at a position from 0, in the order in which it was written.
    public func field(at position: Int) -> Field {
        switch content {
        case .entry(let entry):
            Field(name: entry.fieldElement(2 * position), value: entry.fieldElement(2 * position + 1))
        case .fields(let fields): fields[position]
        }
    }

    /// All fields, in order.
    public var fields: [Field] {
        (0..<fieldCount).map { field(at: $0) }
    }

    /// The value of the first field named `payload`, where the Ruby gem keeps its JSON; nil without one.
    public var payload: ArraySlice<UInt8>? {
        for position in 0..<fieldCount {
            let field = field(at: position)
            if field.name.elementsEqual(Self.payloadName) { return field.value }
        }
        return nil
    }

    /// The name of the one field that the gem's entries have.
    static let payloadName = Array("payload".utf8)
}

extension Message: CustomStringConvertible {
    /// The id; never the payload.
    public var description: String { "message \(id)" }
}
