import Redstream

extension Sharding {
    /// Reads the value of `--shards`.
    ///
    /// - Throws: ``OptionTextError`` for anything but a whole number in bounds.
    init(argument text: String) throws {
        guard let count = Int(text), (1...Self.maximumCount).contains(count) else {
            throw OptionTextError("it is a whole number from 1 to \(Self.maximumCount)")
        }
        self.init(count: count)
    }
}
