import Redstream

/// The entries of a stream, as commands leave them.
struct StreamModel {
    typealias Entry = (id: StreamID, payload: String)

    private var entries: [Entry] = []
    private var start = 0

    private var present: ArraySlice<Entry> { entries[start...] }

    mutating func append(_ id: StreamID, _ payload: String) {
        entries.append((id, payload))
    }

    /// Carries out XTRIM or XDEL as an append-only file has them: exact, with the key as their first argument.
    ///
    /// - Returns: What went.
    mutating func remove(_ words: [String]) -> [Entry] {
        guard words.count > 2 else { return [] }
        if words[0].uppercased() == "XDEL" { return delete(Set(words[2...].compactMap { StreamID($0) })) }
        let isExplicit = words.count > 4 && ["=", "~"].contains(words[3])
        let argument = words.count > 3 ? words[isExplicit ? 4 : 3] : ""
        let count: Int
        switch words[2].uppercased() {
        case "MINID":
            guard let bound = StreamID(argument) ?? UInt64(argument).map({ StreamID(milliseconds: $0) }) else {
                return []
            }
            count = present.prefix { $0.id < bound }.count
        case "MAXLEN": count = max(present.count - (Int(argument) ?? .max), 0)
        default: return []
        }
        let gone = Array(present.prefix(count))
        start += count
        compact()
        return gone
    }

    private mutating func delete(_ ids: Set<StreamID>) -> [Entry] {
        var gone: [Entry] = []
        // Nearly always the first one.
        while let first = present.first, ids.contains(first.id) {
            gone.append(first)
            start += 1
        }
        guard gone.count < ids.count else { return gone }
        gone += present.filter { ids.contains($0.id) }
        entries = present.filter { !ids.contains($0.id) }
        start = 0
        return gone
    }

    private mutating func compact() {
        guard start > 10_000, start > entries.count / 2 else { return }
        entries.removeFirst(start)
        start = 0
    }
}
