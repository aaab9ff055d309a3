import Redstream

/// The start of reading or the target of an offset: `earliest`, `latest`, `committed:NAME`, or a ``PointInTime``.
enum PositionText: Sendable, Equatable {
    /// Before the first entry.
    case earliest
    /// After the last entry.
    case latest
    /// At an entry id, a time, or a duration ago, inclusive.
    case point(PointInTime)
    /// After what the consumer of this name has committed.
    case committed(String)

    /// Parses a position.
    ///
    /// - Parameter text: One of the two words, `committed:` and a name, or a point in time.
    /// - Throws: ``OptionTextError`` with what to write instead.
    init(_ text: String) throws(OptionTextError) {
        let prefix = "committed:"
        switch text {
        case "earliest":
            self = .earliest
        case "latest":
            self = .latest
        case prefix, "committed":
            throw OptionTextError("it names no consumer: write committed:NAME")
        case _ where text.begins(with: prefix):
            self = .committed(try NameText.parsed(text.removing(prefix: prefix) ?? ""))
        case _
        where text.utf8.first.map { $0 &- UInt8(ascii: "0") < 10 || [0x2D, 0x50].contains($0) } ?? false:
            self = .point(try PointInTime(text))
        default:
            throw OptionTextError(
                "it is none of earliest, latest, committed:NAME, an entry id (1732350000000-0), "
                    + "a time (2026-11-23T10:00:00Z), or a duration ago (5m)")
        }
    }
}
