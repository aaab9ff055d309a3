import Redstream

/// A place in a stream as people write it: a date and a time, an entry id, or a duration ago.
///
/// It becomes an id only when the time is known: durations count back from the clock of the server, which
/// assigned the ids. Both ends of a range are inclusive.
enum PointInTime: Sendable, Equatable {
    /// An entry id with its sequence, `1732350000000-5`.
    case entry(StreamID)
    /// A time in milliseconds since 1970, or an entry id without its sequence: the two mean the same.
    case milliseconds(UInt64)
    /// So long before now; not negative.
    case ago(Duration)

    /// Parses a point in time.
    ///
    /// Digits alone are an id from 12 digits on; fewer could be an id as well as a duration, and are refused.
    ///
    /// - Parameters:
    ///   - text: ISO 8601 with or without a zone, an entry id, or a duration.
    ///   - localTime: Resolves a date and time without a zone.
    /// - Throws: ``OptionTextError`` with what to write instead.
    init(
        _ text: String, localTime: (DateTimeText.Fields) -> Int64? = LocalTime.seconds
    ) throws(OptionTextError) {
        if DateTimeText.looksLikeDate(text) {
            self = .milliseconds(try DateTimeText(text).milliseconds(local: localTime))
        } else if Self.looksLikeMonth(text) {
            throw OptionTextError(
                "it could be a month or an id: write the day, \(text)-01, or the id as 0\(text)")
        } else if let id = StreamID(text) {
            self = .entry(id)
        } else if !text.isEmpty, text.utf8.allSatisfy(Self.isDigit) {
            self = .milliseconds(try Self.milliseconds(digits: text))
        } else if Self.looksLikeDuration(text) {
            self = .ago(try DurationText(text).duration)
        } else {
            throw OptionTextError(
                "it is neither a time (2026-11-23T10:00:00Z), nor an entry id (1732350000000-0), "
                    + "nor a duration ago (5m)")
        }
    }

    /// The first id that the point includes as the start of a range.
    ///
    /// - Parameter now: The server's clock in milliseconds since 1970.
    /// - Returns: The id; the sequence is 0 where the point has none.
    func startID(now: UInt64) -> StreamID {
        id(now: now, sequence: 0)
    }

    /// The last id that the point includes as the end of a range.
    ///
    /// - Parameter now: The server's clock in milliseconds since 1970.
    /// - Returns: The id; the sequence is the highest where the point has none.
    func endID(now: UInt64) -> StreamID {
        id(now: now, sequence: .max)
    }

    private func id(now: UInt64, sequence: UInt64) -> StreamID {
        switch self {
        case .entry(let id):
            return id
        case .milliseconds(let milliseconds):
            return StreamID(milliseconds: milliseconds, sequence: sequence)
        case .ago(let duration):
            // Longer ago than 1970 is at the start; what is left is short enough to count in milliseconds.
            guard duration < .milliseconds(Int64(clamping: now)) else {
                return StreamID(milliseconds: 0, sequence: sequence)
            }
            let (seconds, attoseconds) = duration.components
            let age = UInt64(seconds) * 1000 + UInt64(attoseconds / 1_000_000_000_000_000)
            return StreamID(milliseconds: now - age, sequence: sequence)
        }
    }

    private static func milliseconds(digits: String) throws(OptionTextError) -> UInt64 {
        guard digits.utf8.count >= 12 else {
            throw OptionTextError(
                "it has no unit: write \(digits)s or \(digits)m for a time ago, \(digits)-0 for an id")
        }
        guard let milliseconds = UInt64(digits) else {
            throw OptionTextError("it is larger than any entry id")
        }
        return milliseconds
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    /// Returns whether a text is an id that would be taken for a month, such as `2026-11`.
    private static func looksLikeMonth(_ text: String) -> Bool {
        guard text.utf8.count == 7, text.begins(with: "19") || text.begins(with: "20"), let id = StreamID(text)
        else {
            return false
        }
        return (1900...2099).contains(id.milliseconds) && (1...12).contains(id.sequence)
    }

    private static func looksLikeDuration(_ text: String) -> Bool {
        let isNegative = text.begins(with: "-")
        guard let first = text.utf8.dropFirst(isNegative ? 1 : 0).first else { return false }
        return first == UInt8(ascii: "P")
            || isDigit(first)
                && text.utf8.dropFirst().allSatisfy { isDigit($0) || " .,mshdwPTHMDSWY".utf8.contains($0) }
    }
}
