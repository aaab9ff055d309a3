import RedisClient

extension ShellSession.State {
    /// Takes over what a command has changed on the connection for Redis's own commands, so that ours follow.
    ///
    /// Inside MULTI nothing has changed yet: EXEC does it, in the order of its replies, and DISCARD does not.
    mutating func note(_ words: [String], _ reply: RedisReply) {
        if transaction != nil, reply.kind == .status, reply.string == "QUEUED" {
            transaction?.append(words)
            return
        }
        let isOK = reply.kind == .status && reply.string == "OK"
        switch words[0].lowercased() {
        case "multi" where isOK: transaction = []
        case "discard" where isOK: transaction = nil
        case "exec":
            let queued = transaction ?? []
            transaction = nil
            // Nil where a watched key has changed, and an error where a command was refused: nothing was carried out.
            guard reply.kind == .array else { return }
            for (words, reply) in zip(queued, reply.elements) { apply(words, reply) }
        default: apply(words, reply)
        }
    }

    private mutating func apply(_ words: [String], _ reply: RedisReply) {
        let isOK = reply.kind == .status && reply.string == "OK"
        switch words[0].lowercased() {
        case "select" where isOK: configuration.database = words.dropFirst().first.flatMap { Int($0) } ?? 0
        case "auth" where isOK:
            configuration.username = words.count > 2 ? words[1] : nil
            configuration.password = words.last.map(Secret.init)
        case "hello" where reply.kind == .array:
            guard let place = words.firstIndex(where: { $0.lowercased() == "auth" }), words.count > place + 2 else {
                return
            }
            configuration.username = words[place + 1]
            configuration.password = Secret(words[place + 2])
        case "reset" where reply.kind == .status:
            transaction = nil
            configuration.database = 0
            configuration.username = nil
            configuration.password = nil
        default: break
        }
    }
}
