import Logging
import RedstreamConnection
import RedstreamSystem
import Synchronization

extension StreamClient {
    /// Runs a script that also registers a consumer in the set of its stream; without that, where the user may not.
    ///
    /// The set is the script's last key, and the consumer's name its last argument. A server refuses a script as a whole whose
    /// keys are not all allowed, so that a user with the rights of an earlier release runs the script as it was.
    ///
    /// - Throws: `RedisError`.
    func run(
        _ script: RedisScript, keys: [RedisKey], arguments: [any RedisArgument], registering consumer: ConsumerName,
        on connection: RedisConnection
    ) async throws -> RedisReply {
        let set = self.keys.consumers(of: consumer.stream)
        guard !mayNotRegister.load(ordering: .relaxed) else {
            return try await connection.run(script, keys: keys, arguments: arguments)
        }
        do {
            return try await connection.run(
                script, keys: keys + [set], arguments: arguments + [RedisKey(name: consumer.name)])
        } catch let error as RedisError where error.serverCode == .noPermission {
            let reply = try await connection.run(script, keys: keys, arguments: arguments)
            mayNotRegister.store(true, ordering: .relaxed)
            return reply
        }
    }

    /// Logs once that consumers are found by scans alone, if the user may not register them.
    ///
    /// - Parameter isDenied: True if the server has just refused it.
    func warnOfMissingRight(isDenied: Bool) {
        if isDenied { mayNotRegister.store(true, ordering: .relaxed) }
        guard mayNotRegister.load(ordering: .relaxed), !missingRightWasLogged.exchange(true, ordering: .relaxed) else {
            return
        }
        let user = pool.configuration.username ?? "default"
        logger.notice(
            "the user may not register consumers: a trim by committed offsets protects them from the next scan on; ACL SETUSER \(user) ~\(keys.base):consumers:* +zadd +zrem lets them register"
        )
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

    /// Returns the command that registers the name of a stream; nil where this client has done so in the last five minutes, and in
    /// a cluster, whose node for the names need not be the one at hand.
    func registration(of streams: [String]) -> KeyCommand? {
        guard pool.cluster == nil else { return nil }
        let due = registeredStreams.withLock { known in
            if known.count > 10_000 { known = known.filter { $0.value.duration(to: .now) < .seconds(300) } }
            return streams.filter { known[ExactText($0)].map { $0.duration(to: .now) >= .seconds(300) } ?? true }
        }
        guard !due.isEmpty else { return nil }
        let now = String(time(nil) * 1000)
        return KeyCommand("ZADD", keys.streamNames, due.flatMap { [now, RedisKey(name: $0)] as [any RedisArgument] })
    }

    /// Registers the names of streams over a connection, if it is time to.
    func register(_ streams: [String], on connection: RedisConnection) async throws {
        guard let registration = registration(of: streams) else { return }
        // An error of the server is no matter: a scan finds the names too.
        _ = try await connection.execute(registration.pipeline)
        noteRegistration(of: streams)
    }

    /// Remembers that the names of streams were sent to the server.
    func noteRegistration(of streams: [String]) {
        registeredStreams.withLock { known in for stream in streams { known[ExactText(stream)] = .now } }
    }
}
