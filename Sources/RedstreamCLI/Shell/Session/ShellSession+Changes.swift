import RedstreamConnection

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
        case "discard" where isOK:
            transaction = nil
            isWatching = false
        case "exec":
            let queued = transaction ?? []
            transaction = nil
            isWatching = false
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
        case "auth" where isOK: logIn(words.count > 2 ? words[1] : nil, words.last)
        case "hello" where reply.kind == .array:
            guard let place = words.firstIndex(where: { $0.lowercased() == "auth" }), words.count > place + 2 else {
                return
            }
            logIn(words[place + 1], words[place + 2])
        case "reset" where reply.kind == .status:
            transaction = nil
            isWatching = false
            configuration.database = 0
            logIn(nil, nil)
        case "watch" where isOK: isWatching = true
        case "unwatch" where isOK: isWatching = false
        default: break
        }
    }

    /// Takes over a user and a password, in the place of those that the shell was started with.
    private mutating func logIn(_ user: String?, _ password: String?) {
        configuration.username = user
        configuration.password = password.map(Secret.init)
        configuration.passwordSource = nil
    }
}
