/// Turns the id of a record into the payload that says "this record changed": `{"id":…}`.
package enum RecordIDText {
    /// The kinds of JSON value that an id can be written as.
    package enum Kind: String, Sendable, CaseIterable {
        /// A string, whatever the id looks like.
        case string
        /// A number; an id that is none is refused.
        case number
    }

    /// Why an id cannot be written.
    package enum Failure: Error, Sendable, Equatable, CustomStringConvertible {
        /// The id is empty.
        case empty
        /// The id is to be a number and is none.
        case notANumber
        /// The id is not UTF-8, which JSON must be.
        case invalidUTF8

        /// The reason as a clause.
        package var description: String {
            switch self {
            case .empty: "the id is empty"
            case .notANumber: "the id is not a whole number without leading zeros"
            case .invalidUTF8: "the id is not UTF-8"
            }
        }
    }

    /// Appends the payload of a record, `{"id":5}` or `{"id":"a-5"}`.
    ///
    /// `0|-?[1-9][0-9]*` is written as a number, its digits verbatim and however many; anything else as a
    /// string. On an error nothing is appended.
    ///
    /// - Parameters:
    ///   - id: The id's text, without a line feed. Blanks belong to it.
    ///   - kind: The kind to insist on; nil takes a number for a number.
    ///   - payload: Where the payload goes.
    /// - Throws: ``Failure`` for an empty id, for one of the wrong kind, and for bytes that are no text.
    package static func appendPayload(
        of id: ArraySlice<UInt8>, as kind: Kind? = nil, to payload: inout [UInt8]
    ) throws(Failure) {
        guard !id.isEmpty else { throw .empty }
        let isNumber = kind != .string && isNumber(id)
        guard isNumber || kind != .number else { throw .notANumber }
        payload.append(contentsOf: opening)
        if isNumber {
            payload.append(contentsOf: id)
        } else if !payload.appendJSONString(id) {
            payload.removeLast(opening.count)
            throw .invalidUTF8
        }
        payload.append(UInt8(ascii: "}"))
    }

    private static let opening = Array(#"{"id":"#.utf8)

    private static func isNumber(_ id: ArraySlice<UInt8>) -> Bool {
        let digits = id.first == UInt8(ascii: "-") ? id.dropFirst() : id
        guard let first = digits.first, digits.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }) else {
            return false
        }
        return first != UInt8(ascii: "0") || id.count == 1
    }
}
