extension Int {
    /// The number and what it counts: `1 message`, `2 messages`.
    package func counted(_ singular: String, _ plural: String) -> String {
        "\(self) \(self == 1 ? singular : plural)"
    }
}
