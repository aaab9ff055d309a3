/// Finds the primary of a service by its sentinels.
enum SentinelLocator {
    /// A configuration that names a server: the same where it does already, and the primary's otherwise.
    ///
    /// - Throws: ``RedisError`` of kind `connectFailed` where no sentinel answers, or none knows the service; where none
    ///   answers and one refuses to, as for a wrong password, what it said.
    static func located(_ configuration: RedisConfiguration) throws(RedisError) -> RedisConfiguration {
        guard case .sentinel(let service, let sentinels) = configuration.address else { return configuration }
        let deadline = Deadline(in: configuration.connectTimeout)
        var answers: [SentinelAnswer] = []
        var errors: [RedisError] = []
        var refusal: RedisError?
        for sentinel in sentinels {
            do throws(RedisError) {
                answers.append(try ask(sentinel, for: service, sharing: sentinels.count, configuration))
            } catch {
                errors.append(error)
                if error.retryAdvice == .fail { refusal = refusal ?? error }
            }
        }
        if answers.isEmpty, let refusal { throw refusal }
        guard let primary = SentinelAnswer.best(of: answers) else {
            throw RedisError(
                .connectFailed, address: configuration.address.description,
                cause: answers.isEmpty ? .noSentinelAnswers(errors) : .unknownService(service))
        }
        var located = configuration
        located.address = .tcp(host: primary.name, port: primary.port)
        located.connectTimeout = deadline.remaining
        return located
    }

    /// What one sentinel knows, from SENTINEL MASTER.
    ///
    /// One that is away costs its part of the time that connecting may take.
    private static func ask(
        _ sentinel: RedisConfiguration.Host, for service: String, sharing count: Int, _ whole: RedisConfiguration
    ) throws(RedisError) -> SentinelAnswer {
        let patience = whole.connectTimeout / count
        let deadline = Deadline(in: patience)
        let configuration = RedisConfiguration(
            address: .tcp(host: sentinel.name, port: sentinel.port), tls: whole.tls, connectTimeout: patience)
        let context = try HiredisContext(configuration)
        let question = RedisPipeline("SENTINEL", "MASTER", service)
        var reply = try exchange(question, on: context, by: deadline)[0]
        if reply.error(from: context.address)?.serverCode == .noPassword, let password = whole.password {
            let user: [any RedisArgument] = whole.username.map { [$0] } ?? []
            var pipeline = RedisPipeline()
            pipeline.append(["AUTH"] + user + [password.revealed])
            pipeline.append("SENTINEL", "MASTER", service)
            let replies = try exchange(pipeline, on: context, by: deadline)
            if let error = replies[0].error(from: context.address) { throw error }
            reply = replies[1]
        }
        if let error = reply.error(from: context.address), error.serverCode != .unknownService { throw error }
        return SentinelAnswer(reply.elements.map { $0.string ?? "" })
    }

    private static func exchange(
        _ pipeline: RedisPipeline, on context: HiredisContext, by deadline: Deadline
    ) throws(RedisError) -> RedisReplies {
        try context.write(pipeline.bytes, deadline: deadline)
        return try context.read(replies: pipeline.count, deadline: deadline)
    }
}

extension RedisConfiguration {
    /// Whether the server may be another one next time.
    var isFollowingPrimary: Bool {
        if case .sentinel = address { true } else { false }
    }
}
