import RedstreamSystem

/// Knows the local time zone: the one that `TZ` names, else the system's.
///
/// The C library is asked, since loading a calendar with all zones would double the time that the tool needs
/// to start.
enum LocalTime {
    /// Finds when local clocks show a date and a time of day.
    ///
    /// Of two such moments, when clocks are set back, it is the earlier one.
    ///
    /// - Parameter fields: The date and the time of day.
    /// - Returns: Seconds since 1970; nil where clocks skip the time.
    static func seconds(_ fields: DateTimeText.Fields) -> Int64? {
        // Asked for summer and for winter time, mktime answers for both of the moments; for a time that is
        // skipped, or with the other one of the two, its answer shows different fields.
        [1, 0, -1].compactMap { moment(fields, isSummerTime: $0) }.min()
    }

    /// Returns a moment as local clocks show it, and as options take it: `2026-11-20 00:00`, with seconds if
    /// it has some.
    ///
    /// - Parameter milliseconds: Milliseconds since 1970.
    /// - Returns: The text; nil beyond the year 9999.
    static func text(milliseconds: UInt64) -> String? {
        var seconds = time_t(clamping: milliseconds / 1000)
        var parts = tm()
        guard localtime_r(&seconds, &parts) != nil, parts.tm_year + 1900 <= 9999 else { return nil }
        let date = DateTimeText.Fields(parts).dateText
        var time = [parts.tm_hour, parts.tm_min]
        let rest = milliseconds % 1000
        if rest > 0 || parts.tm_sec > 0 { time.append(parts.tm_sec) }
        let clock = time.map { $0.padded(to: 2) }.joined(separator: ":")
        return "\(date) \(clock)" + (rest > 0 ? ".\(rest.padded(to: 3))" : "")
    }

    private static func moment(_ fields: DateTimeText.Fields, isSummerTime: CInt) -> Int64? {
        var parts = fields.parts
        parts.tm_isdst = isSummerTime
        var moment = mktime(&parts)
        var shown = tm()
        guard localtime_r(&moment, &shown) != nil else { return nil }
        return DateTimeText.Fields(shown) == fields ? Int64(moment) : nil
    }
}

/// A moment as options take it.
enum UniversalTime {
    /// `2026-11-23T10:00:00Z`.
    static func text(milliseconds: UInt64) -> String {
        var seconds = time_t(clamping: milliseconds / 1000)
        var parts = tm()
        guard gmtime_r(&seconds, &parts) != nil else { return "\(milliseconds)" }
        let time = [parts.tm_hour, parts.tm_min, parts.tm_sec].map { $0.padded(to: 2) }
        return "\(DateTimeText.Fields(parts).dateText)T\(time.joined(separator: ":"))Z"
    }
}

extension DateTimeText.Fields {
    /// Takes the fields as the C library has them.
    init(_ parts: tm) {
        self.init(
            year: Int(parts.tm_year) + 1900, month: Int(parts.tm_mon) + 1, day: Int(parts.tm_mday),
            hour: Int(parts.tm_hour), minute: Int(parts.tm_min), second: Int(parts.tm_sec))
    }

    /// The fields as the C library has them.
    fileprivate var parts: tm {
        var parts = tm()
        (parts.tm_year, parts.tm_mon, parts.tm_mday) = (CInt(year - 1900), CInt(month - 1), CInt(day))
        (parts.tm_hour, parts.tm_min, parts.tm_sec) = (CInt(hour), CInt(minute), CInt(second))
        return parts
    }

    /// Seconds since 1970 if the fields are in UTC.
    var secondsInUTC: Int64 {
        var parts = parts
        return Int64(timegm(&parts))
    }

    /// True if the calendar has the day.
    var isDay: Bool {
        var moment = time_t(secondsInUTC)
        var shown = tm()
        return gmtime_r(&moment, &shown) != nil && Self(shown) == self
    }

    /// `2026-11-23`.
    fileprivate var dateText: String { "\(year.padded(to: 4))-\(month.padded(to: 2))-\(day.padded(to: 2))" }
}
