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
        let date = [padded(parts.tm_year + 1900, 4), padded(parts.tm_mon + 1, 2), padded(parts.tm_mday, 2)]
        var time = [padded(parts.tm_hour, 2), padded(parts.tm_min, 2)]
        let rest = Int32(milliseconds % 1000)
        if rest > 0 {
            time.append("\(padded(parts.tm_sec, 2)).\(padded(rest, 3))")
        } else if parts.tm_sec > 0 {
            time.append(padded(parts.tm_sec, 2))
        }
        return "\(date.joined(separator: "-")) \(time.joined(separator: ":"))"
    }

    private static func padded(_ number: Int32, _ count: Int) -> String {
        let digits = "\(number)"
        return String(repeating: "0", count: max(count - digits.utf8.count, 0)) + digits
    }

    private static func moment(_ fields: DateTimeText.Fields, isSummerTime: CInt) -> Int64? {
        var parts = tm()
        parts.tm_year = CInt(fields.year - 1900)
        parts.tm_mon = CInt(fields.month - 1)
        parts.tm_mday = CInt(fields.day)
        parts.tm_hour = CInt(fields.hour)
        parts.tm_min = CInt(fields.minute)
        parts.tm_sec = CInt(fields.second)
        parts.tm_isdst = isSummerTime
        var moment = mktime(&parts)
        var shown = tm()
        guard localtime_r(&moment, &shown) != nil else { return nil }
        let found = DateTimeText.Fields(
            year: Int(shown.tm_year) + 1900, month: Int(shown.tm_mon) + 1, day: Int(shown.tm_mday),
            hour: Int(shown.tm_hour), minute: Int(shown.tm_min), second: Int(shown.tm_sec))
        return found == fields ? Int64(moment) : nil
    }
}
