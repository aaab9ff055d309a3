/// The reply to INFO or CLUSTER INFO: lines of `name:value`.
package struct RedisInfo: Sendable {
    private let values: [Substring: Substring]

    /// Reads the text of a reply; a line without a colon is no value.
    package init(_ text: String) {
        var values: [Substring: Substring] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            values[line[..<colon]] = line[line.index(after: colon)...]
        }
        self.values = values
    }

    /// Reads a reply; anything but a string has no values.
    package init(_ reply: RedisReply) {
        self.init(reply.kind == .string ? reply.string ?? "" : "")
    }

    /// The value of a name; nil if the server did not send one.
    package subscript(name: String) -> String? { values[name[...]].map(String.init) }

    /// The value of a name, if it is a whole number.
    package func integer(_ name: String) -> Int? { values[name[...]].flatMap { Int($0) } }
}
