/// The answer of a node for a key that another node serves.
struct Redirection: Sendable, Equatable {
    /// The time for which it holds.
    enum Kind: Sendable, Equatable {
        /// From now on: the slot is served elsewhere.
        case moved
        /// For this command only: the slot is on its way, and this key is there already, or nowhere yet.
        case ask
    }

    let kind: Kind
    let slot: ClusterSlot
    let host: RedisConfiguration.Host

    /// Reads `MOVED 3999 127.0.0.1:6381` or `ASK 3999 127.0.0.1:6381`; nil for any other error.
    ///
    /// - Parameters:
    ///   - error: The text of an error.
    ///   - asked: The node that answered, whose host is meant where none is named.
    init?(_ error: String, from asked: RedisConfiguration.Host) {
        let words = error.utf8.split(separator: UInt8(ascii: " ")).map { Substring($0) }
        guard words.count == 3, words[0] == "MOVED" || words[0] == "ASK",
            let slot = Int(words[1]).flatMap({ ClusterSlot($0) }),
            let colon = words[2].utf8.lastIndex(of: UInt8(ascii: ":")),
            let port = Int(words[2][words[2].utf8.index(after: colon)...]), (1...65535).contains(port)
        else { return nil }
        kind = words[0] == "MOVED" ? .moved : .ask
        self.slot = slot
        // An IPv6 address stands without brackets, before the last colon.
        let name = words[2][..<colon]
        host = RedisConfiguration.Host(name.isEmpty || name == "?" ? asked.name : String(name), port: port)
    }

    /// Reads a reply; nil if it is no redirection.
    init?(_ reply: RedisReply, from asked: RedisConfiguration.Host) {
        guard reply.kind == .error, let text = reply.string else { return nil }
        self.init(text, from: asked)
    }
}

extension RedisReply {
    /// True if a node of a cluster has refused the command because another one serves its key.
    ///
    /// Nothing was done then.
    package var isRedirection: Bool {
        kind == .error && bytes.map { $0.starts(with: "MOVED ".utf8) || $0.starts(with: "ASK ".utf8) } == true
    }
}
