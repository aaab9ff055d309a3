/// The first commands on a new connection, in one round trip.
struct Handshake {
    let configuration: RedisConfiguration
    let name: String

    /// Sends the commands, and checks the replies.
    ///
    /// A password that the server refuses is read again from its source, once: it may have been changed.
    ///
    /// - Parameters:
    ///   - context: The connection, on which nothing was sent yet.
    ///   - deadline: The end of opening the connection, of which this is the last part.
    ///   - interrupter: Ends the connection from any thread.
    /// - Throws: ``RedisError``, as `RedisConnection.connect` does.
    func perform(on context: HiredisContext, by deadline: Deadline, interrupter: Interrupter) throws(RedisError) {
        let login = Login(
            configuration: configuration, address: context.address, deadline: deadline, interrupter: interrupter)
        try login.perform { credentials throws(RedisError) in
            try perform(on: context, by: deadline, with: credentials)
        }
    }

    private func perform(
        on context: HiredisContext, by deadline: Deadline, with credentials: Credentials?
    ) throws(RedisError) {
        let steps = steps(with: credentials)
        let replies = try exchange(pipeline(of: steps, with: credentials), on: context, by: deadline)
        for (step, reply) in zip(steps, replies) {
            switch step {
            case .name, .describe:
                // A user of few rights may be forbidden to use these; a user who must log in is told so.
                if let error = reply.error, Login.isRefusal(error), configuration.passwordSource != nil { throw error }
            default: try reply.get()
            }
            if step == .role, reply.elements.first?.string != "master" {
                throw RedisError.notPrimary(context.address)
            }
            if step == .describe, reply.kind == .string {
                try Self.checkVersion(RedisInfo(reply), address: context.address)
            }
        }
    }

    private func exchange(
        _ pipeline: RedisPipeline, on context: HiredisContext, by deadline: Deadline
    ) throws(RedisError) -> RedisReplies {
        do {
            return try context.exchange(pipeline, by: deadline)
        } catch  where error.kind == .timedOut {
            throw RedisError(.timedOut, address: error.address, cause: .silent)
        } catch  where error.kind == .connectionLost {
            // A server that has no place for a client says so once, and closes.
            let last = try? context.read(replies: 1, deadline: Deadline(in: .zero))
            // A command that the user may not run was passed over, and is not the reason.
            if let refusal = last?.firstError?.error, refusal.serverCode != .noPermission { throw refusal }
            throw RedisError(.connectionLost, address: error.address, cause: .closedBeforeReply)
        }
    }

    private enum Step {
        case authenticate
        case select
        case name
        case describe
        /// Checks a server that sentinels have named, whose knowledge may be old.
        case role
    }

    private func steps(with credentials: Credentials?) -> [Step] {
        (credentials == nil ? [] : [.authenticate]) + (configuration.database == 0 ? [] : [.select])
            + [.name, .describe] + (configuration.isFollowingPrimary ? [.role] : [])
    }

    private func pipeline(of steps: [Step], with credentials: Credentials?) -> RedisPipeline {
        var pipeline = RedisPipeline()
        for step in steps {
            switch step {
            case .authenticate: credentials?.append(to: &pipeline)
            case .select: pipeline.append("SELECT", configuration.database)
            case .name: pipeline.append("CLIENT", "SETNAME", Self.clientName(name))
            case .role: pipeline.append("ROLE")
            case .describe: pipeline.append("INFO", "server")
            }
        }
        return pipeline
    }

    /// Returns a name as CLIENT SETNAME takes it: printable ASCII without blanks.
    static func clientName(_ name: String) -> String {
        String(decoding: name.utf8.map { (33...126).contains($0) ? $0 : UInt8(ascii: "_") }, as: UTF8.self)
    }

    static func checkVersion(_ info: RedisInfo, address: String) throws(RedisError) {
        guard let version = info["redis_version"] else { return }
        let numbers = version.split(separator: ".").map { Int($0) ?? 0 }
        guard let major = numbers.first, numbers.count > 1, (major, numbers[1]) < (6, 2) else { return }
        throw RedisError(.unsupportedServer, address: address, cause: .unsupportedVersion(version))
    }
}
