/// A record whose changes secondary datastores follow.
///
/// By default a record is announced as the Ruby gem does it: with the payload `{"id":…}`, on the stream that bears the
/// plural of its type's name. A type whose records are `Identifiable` by a ``RecordKey`` needs nothing more:
///
/// ```swift
/// struct OrderLine: Streamable, Identifiable {  // streams to "order_lines"
///     var id: Int64
/// }
/// ```
///
/// Each part can be replaced, for all records of a type or for each. That is how records are sharded:
///
/// ```swift
/// extension OrderLine {
///     var streamName: String { Sharding(count: 4).stream(Self.streamName, id: String(id)) }
/// }
/// ```
public protocol Streamable {
    /// The stream of this type's records; ``StreamNaming/streamName(of:)`` by default.
    static var streamName: String { get }
    /// The stream of this record; that of its type by default.
    var streamName: String { get }
    /// The payload that consumers get about this record; `{"id":…}` by default.
    ///
    /// - Throws: ``PayloadError/noKey`` by default, for a record that is not inserted yet.
    var streamPayload: Payload { get throws }
}

extension Streamable {
    /// The plural of the type's name, as ActiveSupport forms it.
    public static var streamName: String { StreamNaming.streamName(of: self) }
    /// The stream of the type.
    public var streamName: String { Self.streamName }
}

extension Streamable where Self: Identifiable, ID: RecordKey {
    /// `{"id":…}` with the record's id.
    public var streamPayload: Payload {
        get throws { try Payload(id: id) }
    }
}
