/// The id of a stream entry: a time in milliseconds and a sequence number within it.
///
/// Ids compare as pairs of numbers. Their texts do not: `1000-10` comes after `1000-9`.
@frozen
public struct StreamID: Hashable, Sendable {
    /// Milliseconds since 1970 by the clock of the server that assigned the id.
    public var milliseconds: UInt64
    /// The position among entries of the same millisecond, from 0.
    public var sequence: UInt64

    /// Creates an id from its two numbers.
    @inlinable
    public init(milliseconds: UInt64, sequence: UInt64 = 0) {
        self.milliseconds = milliseconds
        self.sequence = sequence
    }

    /// `0-0`: before every entry.
    ///
    /// As an offset it means that nothing was read.
    public static let zero = StreamID(milliseconds: 0, sequence: 0)
    /// The highest id that Redis knows.
    public static let max = StreamID(milliseconds: .max, sequence: .max)

    /// The next id, or nil after the highest.
    public var successor: StreamID? {
        if sequence < .max { return StreamID(milliseconds: milliseconds, sequence: sequence + 1) }
        return milliseconds < .max ? StreamID(milliseconds: milliseconds + 1, sequence: 0) : nil
    }

    /// The id before this one, or nil before `0-0`.
    public var predecessor: StreamID? {
        if sequence > 0 { return StreamID(milliseconds: milliseconds, sequence: sequence - 1) }
        return milliseconds > 0 ? StreamID(milliseconds: milliseconds - 1, sequence: .max) : nil
    }
}

extension StreamID: Comparable {
    /// Compares milliseconds first, then sequences, as numbers.
    @inlinable
    public static func < (left: StreamID, right: StreamID) -> Bool {
        (left.milliseconds, left.sequence) < (right.milliseconds, right.sequence)
    }
}

extension StreamID: LosslessStringConvertible {
    /// `milliseconds-sequence`, as Redis writes it.
    public var description: String { "\(milliseconds)-\(sequence)" }

    /// Parses `milliseconds-sequence`, both in decimal digits.
    ///
    /// Nil for anything else, a missing sequence included: what that stands for depends on which end of a
    /// range it bounds.
    public init?(_ text: String) {
        var text = text
        guard let id = text.withUTF8({ StreamID(utf8: $0) }) else { return nil }
        self = id
    }

    /// Parses the bytes of `milliseconds-sequence`.
    @inlinable
    public init?(utf8 bytes: some Sequence<UInt8>) {
        var milliseconds: UInt64?
        var number: UInt64 = 0
        var digits = 0
        for byte in bytes {
            if byte == UInt8(ascii: "-"), milliseconds == nil, digits > 0 {
                milliseconds = number
                number = 0
                digits = 0
                continue
            }
            let digit = UInt64(byte) &- UInt64(UInt8(ascii: "0"))
            let (product, tooLarge) = number.multipliedReportingOverflow(by: 10)
            let (sum, carried) = product.addingReportingOverflow(digit)
            guard digit < 10, !tooLarge, !carried else { return nil }
            number = sum
            digits += 1
        }
        guard let milliseconds, digits > 0 else { return nil }
        self.init(milliseconds: milliseconds, sequence: number)
    }
}

extension StreamID {
    /// Parses an id as Redis takes it where a sequence may be missing, which then is 0.
    init?(lenient text: String) {
        guard let id = StreamID(text) ?? UInt64(text).map({ StreamID(milliseconds: $0) }) else { return nil }
        self = id
    }
}
