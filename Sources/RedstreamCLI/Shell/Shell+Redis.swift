import RedstreamConnection
import RedstreamSystem

extension Shell {
    /// Sends a command to Redis and prints its reply.
    func perform(_ words: RedisWords, in context: CommandContext) async throws -> Outcome {
        let texts = words.texts
        let name = texts[0].lowercased()
        if name == "quit" { return .left }
        try Self.refuse(texts, isInTransaction: session.state.isInTransaction)
        if !assumesYes {
            let question = try await context.interruptible {
                try await Destruction.question(forRedis: texts, isExact: words.isExact, session, keyEffects)
            }
            if let question { guard try await confirms(question) else { return .ran(.failed) } }
        }
        let (connection, isBack) = try await context.interruptible { try await raw.connection() }
        if isBack { context.console.note("connected again to \(connection.address)") }
        let queued = session.state.transaction
        let reply = try await send(words.bytes, on: connection, in: context)
        session.update {
            $0.isDown = false
            $0.note(texts, reply)
        }
        let changes = await mayHaveChanged(texts, queued, reply, in: context)
        if changes { names.forget() }
        let isTaken = changes && taken?.append(reply, of: texts) == true
        do {
            try await print(reply, of: texts, in: context, isUnique: changes)
        } catch OutputError.failed(let error) where !isTaken {
            throw Failure(.reportLost, "\(texts[0]) was carried out, but its reply cannot be written: \(error.reason)")
        }
        if reply.kind != .error, Self.isSubscription(name), !session.state.isInTransaction {
            try await follow(connection, in: context)
        }
        return .ran(reply.kind == .error ? .failed : .done)
    }

    /// Returns whether a command may have taken from the server what its reply shows, or added a name to it.
    private func mayHaveChanged(
        _ words: [String], _ queued: [[String]]?, _ reply: RedisReply, in context: CommandContext
    ) async -> Bool {
        // On a script's own output nothing depends on it.
        guard reader != nil || taken != nil, reply.kind != .error, reply.string != "QUEUED" else { return false }
        let commands = words[0].lowercased() == "exec" ? queued ?? [] : [words]
        let answer = try? await context.interruptible {
            for words in commands where await keyEffects.mayChange(words) { return true }
            return false
        }
        return answer ?? true
    }

    /// Says that a transaction ends with the shell, if one is open.
    ///
    /// - Returns: True if one is.
    @discardableResult
    func noteOpenTransaction() -> Bool {
        guard session.state.isInTransaction else { return false }
        context.console.note("the transaction ends without EXEC: nothing of it was carried out")
        return true
    }

    private static func isSubscription(_ name: String) -> Bool {
        ["subscribe", "psubscribe", "ssubscribe", "monitor"].contains(name)
    }

    /// Refuses commands behind which replies could not be matched to commands any more.
    private static func refuse(_ words: [String], isInTransaction: Bool) throws {
        let start = words.prefix(2).map { $0.lowercased() }
        switch start[0] {
        case let name where isInTransaction && isSubscription(name):
            throw Failure(.usage, "\(words[0]) does not run inside MULTI here", hint: "EXEC or DISCARD first")
        case "unsubscribe", "punsubscribe", "sunsubscribe":
            throw Failure(.usage, "nothing is subscribed: SUBSCRIBE goes on until Ctrl-C, which ends it")
        case "sync", "psync": throw Failure(.usage, "\(words[0]) turns the connection into a replica's: not here")
        case "client" where start.last == "reply":
            throw Failure(.usage, "CLIENT REPLY would leave commands without replies: not here")
        case "hello" where start.count > 1 && start[1] != "2":
            throw Failure(.usage, "this shell speaks RESP2 only: HELLO 2")
        default: break
        }
    }

    private func send(
        _ words: [[UInt8]], on connection: RedisConnection, in context: CommandContext
    ) async throws -> RedisReply {
        var pipeline = RedisPipeline()
        pipeline.append(words)
        let command = pipeline
        do {
            return try await context.interruptible {
                // Who typed it decides how long to wait.
                try await connection.execute(command, blocking: .seconds(Int64(Int32.max)))[0]
            }
        } catch {
            let isInTransaction = session.state.isInTransaction
            raw.drop()
            let isExec = words[0].elementsEqual("exec".utf8) { $0 | 0x20 == $1 }
            if error is CancellationError, isInTransaction {
                context.console.say("")
                context.console.note(
                    isExec
                        ? "whether the transaction was carried out is unknown"
                        : RawConnection.lostTransaction.message)
            }
            guard let failure = error as? RedisError else { throw error }
            switch failure.kind {
            case .protocolViolation where failure.cause == .replyTooDeep:
                throw Failure(
                    .failed, "the reply is nested deeper than the installed hiredis reads: it cannot be shown",
                    hint: "the command was carried out, and is not sent again")
            case .connectionLost, .timedOut:
                session.update { $0.isDown = true }
                var hint =
                    isExec
                    ? "it is unknown whether the transaction was carried out"
                    : isInTransaction
                        ? RawConnection.lostTransaction.message
                        : "it is unknown whether the command was carried out"
                // A server that takes the next connection at once has closed this one for a reason of its own.
                if failure.cause == .closedByServer,
                    (try? await context.interruptible { try await raw.connection() }) != nil
                {
                    hint += "; the server is up: was the reply larger than its client-output-buffer-limit?"
                }
                throw Failure(.unreachable, "\(failure)", hint: hint)
            case .slotMoved:
                throw Failure(
                    .failed, "\(failure); nothing of it was carried out",
                    hint: "GET leads to the node of a key; then begin again")
            default: throw error
            }
        }
    }

    private func follow(_ connection: RedisConnection, in context: CommandContext) async throws {
        if context.outputIsTerminal { context.console.say("(Ctrl-C ends it)") }
        defer { raw.drop() }
        do {
            try await context.interruptible {
                while true {
                    let reply = try await connection.receivePushed()
                    // Nothing that is pushed comes a second time.
                    try await print(reply, of: [], in: context, isUnique: true)
                }
            }
        } catch let error as CancellationError {
            if context.signals.first != nil, reader == nil { throw error }
        } catch let error as RedisError where error.isServerUnreachable {
            session.update { $0.isDown = true }
            throw Failure(
                .unreachable, "\(error)",
                hint: "what is sent meanwhile is missed; repeat the command once the server is back")
        }
    }

    private func print(
        _ reply: RedisReply, of words: [String], in context: CommandContext, isUnique: Bool
    ) async throws {
        if reply.kind == .error, let error = reply.error {
            let user = session.state.configuration.username ?? "default"
            var failure = Failure(
                error, while: words.first ?? "Redis",
                in: .init(
                    access: AccessAdvice(rules: nil, user: user), server: session.state.configuration, place: .shell))
            if error.serverCode == .unknownCommand || error.serverCode == .noSentinel,
                let hint = await hint(forUnknown: words[0])
            {
                failure.hint = hint
            }
            // The hint would name the command that has just failed.
            if words.first?.uppercased() == "AUTH" { failure.hint = nil }
            if context.outputIsTerminal {
                try await write(text(of: reply, to: words, in: context), in: context)
                context.console.hint(failure.hint)
            } else {
                context.console.fail(failure)
            }
            return
        }
        try await show(text(of: reply, to: words, in: context), in: context, isUnique: isUnique)
    }

    /// The command that was probably meant.
    private func hint(forUnknown word: String) async -> String? {
        let ours = grammar.shownMembers.map(\.name) + ShellBuiltin.allCases.map(\.rawValue)
        // Only behind `redis` does one of ours come here.
        if ours.contains(word) { return "\(word) is no command of Redis: leave out redis" }
        let likely = SpellCheck.closest(to: word, among: ours + (await catalogue.names()))
        return likely.map { "did you mean \($0)?" }
    }
}
