extension Int {
    /// The number for people, with commas between thousands: `1,234`.
    package var grouped: String {
        var digits = Array(String(magnitude).utf8)
        for place in stride(from: digits.count - 3, to: 0, by: -3) { digits.insert(UInt8(ascii: ","), at: place) }
        return (self < 0 ? "-" : "") + String(decoding: digits, as: UTF8.self)
    }

    /// The number for people and what it counts: `1 message`, `2,000 messages`.
    package func counted(_ singular: String, _ plural: String) -> String {
        "\(grouped) \(self == 1 ? singular : plural)"
    }
}
