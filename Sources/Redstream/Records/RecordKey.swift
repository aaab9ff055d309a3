public import FoundationEssentials

/// A value that identifies a record: its primary key.
///
/// Whole numbers, strings and UUIDs are keys. So is an optional one, which a record has before it is inserted; a
/// record without a key cannot be streamed.
public protocol RecordKey {
    /// The key as text; nil where there is none yet.
    ///
    /// It is what sharding hashes.
    var recordKeyText: String? { get }
    /// True if the key stands in JSON as a number, digit by digit, rather than as a string.
    static var isNumber: Bool { get }
}

extension RecordKey where Self: FixedWidthInteger {
    /// The decimal digits.
    public var recordKeyText: String? { String(self) }
    /// True: `{"id":5}`.
    public static var isNumber: Bool { true }
}

extension Int: RecordKey {}
extension Int8: RecordKey {}
extension Int16: RecordKey {}
extension Int32: RecordKey {}
extension Int64: RecordKey {}
extension UInt: RecordKey {}
extension UInt8: RecordKey {}
extension UInt16: RecordKey {}
extension UInt32: RecordKey {}
extension UInt64: RecordKey {}

extension String: RecordKey {
    /// The string.
    public var recordKeyText: String? { self }
    /// False: `{"id":"5"}`, whatever the string looks like.
    public static var isNumber: Bool { false }
}

extension UUID: RecordKey {
    /// The UUID in lower case, as PostgreSQL and Rails write it.
    public var recordKeyText: String? { uuidString.lowercased() }
    /// False.
    public static var isNumber: Bool { false }
}

extension Optional: RecordKey where Wrapped: RecordKey {
    /// The key's text, or nil.
    public var recordKeyText: String? { self?.recordKeyText }
    /// As for the key itself.
    public static var isNumber: Bool { Wrapped.isNumber }
}
