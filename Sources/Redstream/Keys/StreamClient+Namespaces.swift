extension StreamClient {
    /// Finds the namespaces of the database in which there are streams; an empty name stands for none.
    ///
    /// Runs SCAN over the whole database, as ``directory()`` does.
    ///
    /// - Returns: The names, sorted.
    /// - Throws: `RedisError`.
    package func namespaces() async throws -> [String] {
        let found = try await scan(matching: "*\(Keyspace().stream("*"))", type: "stream")
        return Set(found.compactMap(Keyspace.namespace(ofStreamKey:))).sorted()
    }
}

extension Keyspace {
    /// Returns the namespace of a stream's key, empty for none; nil for another key.
    package static func namespace(ofStreamKey key: String) -> String? {
        let part = Keyspace().stream("")
        if key.hasPrefix(part) { return "" }
        return key.firstRange(of: ":" + part).map { String(key[..<$0.lowerBound]) }
    }
}
