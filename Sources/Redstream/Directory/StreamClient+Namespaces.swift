package import RedstreamConnection

extension StreamClient {
    /// Finds the namespaces of the database in which there are streams; an empty name stands for none.
    ///
    /// Runs SCAN over the whole database, in steps of a thousand keys.
    ///
    /// - Returns: The names, sorted.
    /// - Throws: `RedisError`.
    package func namespaces() async throws -> [String] {
        let pattern = "*" + Keyspace().stream("").escapedForGlob + "*"
        var scan = NameScan(self)
        let found = try await scan.keys(matching: pattern, type: "stream") ?? []
        return Set(found.compactMap(Keyspace.namespace(ofStreamKey:)).map(ExactText.init)).sorted().map(\.text)
    }
}

extension Keyspace {
    /// Returns the namespace of a stream's key, empty for none; nil for another key.
    package static func namespace(ofStreamKey key: RedisKey) -> String? {
        let part = Keyspace().stream("").bytes
        if key.bytes.starts(with: part) { return "" }
        return key.bytes.firstRange(of: [UInt8(ascii: ":")] + part).map {
            NameText.text(ofBytes: key.bytes[..<$0.lowerBound])
        }
    }
}
