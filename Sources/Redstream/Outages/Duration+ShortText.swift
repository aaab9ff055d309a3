extension Duration {
    /// The two leading units of a duration: `850ms`, `1.5s`, `4m12s`, `3h5m`, `1d 3h`.
    ///
    /// What is smaller is cut off, and a unit that would be 0 is left out. Below a minute it has
    /// one decimal.
    package var shortText: String {
        if self < .zero { return "-" + (.zero - self).shortText }
        let (seconds, attoseconds) = components
        let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86400)
        func joined(_ major: String, _ minor: Int64, _ unit: String) -> String {
            minor == 0 ? major : "\(major)\(minor)\(unit)"
        }
        if days > 0 { return hours % 24 == 0 ? "\(days)d" : "\(days)d \(hours % 24)h" }
        if hours > 0 { return joined("\(hours)h", minutes % 60, "m") }
        if minutes > 0 { return joined("\(minutes)m", seconds % 60, "s") }
        let unit = seconds > 0 || attoseconds == 0 ? "s" : "ms"
        let tenths =
            unit == "s"
            ? seconds * 10 + attoseconds / 100_000_000_000_000_000 : attoseconds / 100_000_000_000_000
        return tenths % 10 == 0 || unit == "ms" && tenths >= 10
            ? "\(tenths / 10)\(unit)" : "\(tenths / 10).\(tenths % 10)\(unit)"
    }
}
