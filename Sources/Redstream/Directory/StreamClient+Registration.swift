import Logging
import RedstreamConnection
import RedstreamSystem
import Synchronization

extension StreamClient {
    /// Runs a script that also keeps the set of a stream's consumers; without that, where the user may not.
    ///
    /// The set is the script's last key, and the consumer's name its last argument. A server refuses a script as a whole whose
    /// keys are not all allowed, so that a user with the rights of an earlier release runs the script as it was.
    ///
    /// - Throws: `RedisError`.
    func run(
        _ script: RedisScript, keys: [RedisKey], arguments: [any RedisArgument], noting consumer: ConsumerName,
        on connection: RedisConnection
    ) async throws -> RedisReply {
        let name = RedisKey(bytes: NameText.bytes(of: consumer.name))
        let set = self.keys.consumers(of: consumer.stream)
        do {
            return try await connection.run(script, keys: keys + [set], arguments: arguments + [name])
        } catch let error as RedisError where error.serverCode == .noPermission {
            let reply = try await connection.run(script, keys: keys, arguments: arguments)
            logger.notice(
                "the user may not write \(set): consumer \(consumer.name) is found by scans alone; ACL SETUSER with ~\(self.keys.base):consumers:* +zadd +zrem lets it"
            )
            return reply
        }
    }

    /// Returns the command that reads the set of a stream's consumers.
    func registeredConsumers(of stream: String) -> KeyCommand {
        KeyCommand("ZRANGE", keys.consumers(of: stream), 0, -1)
    }

    /// Returns the names in the set of a stream's consumers; nil where the user may not read it.
    static func registeredConsumers(in reply: RedisReply) throws -> Set<ExactText>? {
        if reply.error?.serverCode == .noPermission { return nil }
        return Set(try reply.get().elements.map { ExactText(NameText.text(ofBytes: $0.bytes ?? [])) })
    }

    /// Notes the name of a stream for those who look for streams; nothing where that fails, since a scan finds it too.
    ///
    /// - Throws: `CancellationError`.
    func noteStream(_ stream: String) async throws {
        guard let note = noteOfStream(stream) else { return }
        _ = try? await replies(to: [note])
        try Task.checkCancellation()
    }

    /// Returns the command that notes the name of a stream; nil where this client has noted it in the last five minutes.
    func noteOfStream(_ stream: String) -> KeyCommand? {
        let isDue = notedStreams.withLock { noted in
            let name = ExactText(stream)
            if let last = noted[name], last.duration(to: .now) < .seconds(300) { return false }
            noted[name] = .now
            return true
        }
        guard isDue else { return nil }
        let name = RedisKey(bytes: NameText.bytes(of: stream))
        return KeyCommand("ZADD", keys.streamNames, String(time(nil) * 1000), name)
    }
}
