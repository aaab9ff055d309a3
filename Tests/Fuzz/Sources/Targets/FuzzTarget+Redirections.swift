@testable import RedstreamConnection

extension FuzzTarget {
    /// The answers of a cluster's nodes on keys and slots: a line as an error's text and as a key, and replies
    /// behind it.
    static let redirections = FuzzTarget(name: "redirections") { input in
        let lines = input.bytes.split(separator: 10, maxSplits: 1, omittingEmptySubsequences: false)
        let text = String(decoding: lines[0], as: UTF8.self)
        check(Redirection(text, from: asked))
        require(ClusterSlot(of: text).number == slot(of: Array(text.utf8)), "a key's slot is that of its checksum")
        guard lines.count > 1 else { return }
        let (replies, _) = parseReplies([UnsafeBufferPointer(rebasing: lines[1])])
        for reply in replies {
            check(ClusterMap(reply, from: asked))
            let redirection = Redirection(reply, from: asked)
            check(redirection)
            require(redirection == nil || reply.isRedirection, "what names another node was refused")
        }
    }
}

private let asked = RedisConfiguration.Host("asked", port: 7000)

private func check(_ redirection: Redirection?) {
    guard let redirection else { return }
    check(redirection.host)
    require((0..<ClusterSlot.count).contains(redirection.slot.number), "a redirection names a slot")
    let word = redirection.kind == .moved ? "MOVED" : "ASK"
    let text = "\(word) \(redirection.slot) \(redirection.host.name):\(redirection.host.port)"
    require(Redirection(text, from: asked) == redirection, "a redirection is read back")
}

private func check(_ host: RedisConfiguration.Host) {
    require(!host.name.isEmpty && (1...65535).contains(host.port), "a node can be connected to")
}

private func check(_ map: ClusterMap) {
    for host in map.nodes { check(host) }
    require(map.primaries.allSatisfy(map.nodes.contains), "a primary is a node")
    for number in stride(from: 0, to: ClusterSlot.count, by: 97) {
        guard let slot = ClusterSlot(number), let owner = map.owner(of: slot) else { continue }
        require(map.primaries.contains(owner), "a slot is served by a primary")
    }
}

/// A key's slot, a bit of its checksum at a time.
private func slot(of key: [UInt8]) -> Int {
    var tag = key[...]
    if let open = key.firstIndex(of: 0x7B), let close = key[open...].firstIndex(of: 0x7D), close - open > 1 {
        tag = key[open + 1..<close]
    }
    var sum = 0
    for byte in tag {
        for bit in (0..<8).reversed() {
            let isSet = sum >> 15 & 1 != Int(byte) >> bit & 1
            sum = sum << 1 & 0xFFFF ^ (isSet ? 0x1021 : 0)
        }
    }
    return sum % 16_384
}
