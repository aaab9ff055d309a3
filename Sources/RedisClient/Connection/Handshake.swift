/// What is said on a new connection before anything else, in one round trip.
struct Handshake {
    let configuration: RedisConfiguration
    let name: String

    /// Says it, and checks what is answered.
    ///
    /// - Parameters:
    ///   - context: The connection, which nothing was said on yet.
    ///   - deadline: When opening the connection, of which this is the last part, must be done.
    /// - Throws: ``RedisError``, as `RedisConnection.connect` does.
    func perform(on context: HiredisContext, by deadline: Deadline) throws(RedisError) {
        let pipeline = self.pipeline
        let replies = try exchange(pipeline, on: context, by: deadline)
        for (step, reply) in zip(steps, replies) {
            if let error = reply.error(from: context.address), step != .describe, step != .name {
                throw error
            }
            if step == .role, reply.elements.first?.string != "master" {
                throw RedisError.notPrimary(context.address)
            }
            // INFO may be forbidden to a user of few rights, who is then trusted to know the server's age.
            if step == .describe, let info = reply.string, reply.kind == .string {
                try Self.checkVersion(in: info, address: context.address)
            }
        }
    }

    private func exchange(
        _ pipeline: RedisPipeline, on context: HiredisContext, by deadline: Deadline
    ) throws(RedisError) -> RedisReplies {
        do {
            try context.write(pipeline.bytes, deadline: deadline)
            return try context.read(replies: pipeline.count, deadline: deadline)
        } catch  where error.kind == .timedOut {
            throw RedisError(.timedOut, address: error.address, cause: .silent)
        } catch  where error.kind == .connectionLost {
            // A server that has no place for a client says so once, and closes.
            let last = try? context.read(replies: 1, deadline: Deadline(in: .zero))
            // What a user may not ask was let pass, and is not why.
            if let refusal = last?.firstError?.error(from: context.address), refusal.serverCode != .noPermission {
                throw refusal
            }
            throw RedisError(.connectionLost, address: error.address, cause: .closedBeforeReply)
        }
    }

    private enum Step {
        case authenticate
        case select
        case name
        case describe
        /// Asked where sentinels named the server, whose knowledge may be old.
        case role
    }

    private var steps: [Step] {
        (configuration.password == nil ? [] : [.authenticate]) + (configuration.database == 0 ? [] : [.select])
            + [.name, .describe] + (configuration.isFollowingPrimary ? [.role] : [])
    }

    private var pipeline: RedisPipeline {
        var pipeline = RedisPipeline()
        for step in steps {
            switch step {
            case .authenticate:
                let user: [any RedisArgument] = configuration.username.map { [$0] } ?? []
                pipeline.append(["AUTH"] + user + [configuration.password?.revealed ?? ""])
            case .select: pipeline.append("SELECT", configuration.database)
            case .name: pipeline.append("CLIENT", "SETNAME", Self.clientName(name))
            case .role: pipeline.append("ROLE")
            case .describe: pipeline.append("INFO", "server")
            }
        }
        return pipeline
    }

    /// CLIENT SETNAME takes printable ASCII without blanks.
    static func clientName(_ name: String) -> String {
        String(decoding: name.utf8.map { (33...126).contains($0) ? $0 : UInt8(ascii: "_") }, as: UTF8.self)
    }

    static func checkVersion(in info: String, address: String) throws(RedisError) {
        for line in info.split(whereSeparator: \.isNewline) where line.hasPrefix("redis_version:") {
            let version = line.dropFirst("redis_version:".count)
            let numbers = version.split(separator: ".").map { Int($0) ?? 0 }
            guard let major = numbers.first, numbers.count > 1 else { return }
            guard (major, numbers[1]) >= (6, 2) else {
                throw RedisError(.unsupportedServer, address: address, cause: .unsupportedVersion(String(version)))
            }
        }
    }
}
