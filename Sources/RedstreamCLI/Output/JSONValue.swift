import Redstream

/// A JSON document with keys in the order in which they are to be read.
indirect enum JSONValue: Sendable, Equatable {
    case object([(key: String, value: JSONValue)])
    case array([JSONValue])
    case string(String)
    case integer(Int)
    /// A number that is no integer, by its digits.
    case number(String)
    case bool(Bool)
    case null

    static func == (left: JSONValue, right: JSONValue) -> Bool { left.text.isSame(as: right.text) }

    /// The document in one line.
    var text: String {
        switch self {
        case .object(let members):
            "{" + members.map { "\(Self.quoted($0)):\($1.text)" }.joined(separator: ",") + "}"
        case .array(let elements): "[" + elements.map(\.text).joined(separator: ",") + "]"
        case .string(let text): Self.quoted(text)
        case .integer(let number): String(number)
        case .number(let digits): digits
        case .bool(let value): value ? "true" : "false"
        case .null: "null"
        }
    }

    private static func quoted(_ text: String) -> String {
        var bytes: [UInt8] = []
        bytes.appendJSONString(text)
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension JSONValue {
    /// A string, or null.
    static func optional(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }
    /// A number, or null.
    static func optional(_ number: Int?) -> JSONValue { number.map { .integer($0) } ?? .null }
    /// An id as text, or null.
    static func optional(_ id: StreamID?) -> JSONValue { optional(id?.description) }
    /// A duration in milliseconds, or null.
    static func milliseconds(_ duration: Duration?) -> JSONValue {
        optional(duration.map { Int($0 / .milliseconds(1)) })
    }
}
