/// Finds the primary of a service by its sentinels.
struct SentinelLocator {
    typealias Host = RedisConfiguration.Host

    let configuration: RedisConfiguration
    let service: String
    let sentinels: [Host]
    let deadline: Deadline
    let interrupter: Interrupter

    /// Asks all sentinels where the primary is.
    ///
    /// - Throws: ``RedisError`` of kind `connectFailed` if no sentinel answers, or none knows the service; if none
    ///   answers and one refuses to, as for a wrong password, its answer; `cancelled`.
    func primary() throws(RedisError) -> Host {
        var answers: [SentinelAnswer] = []
        var errors: [RedisError] = []
        var refusal: RedisError?
        // One that is away costs its part of the time.
        let patience = deadline.remaining / max(sentinels.count, 1)
        for sentinel in sentinels {
            do throws(RedisError) {
                answers.append(try ask(sentinel, by: Deadline(in: patience)))
            } catch {
                if error.kind == .cancelled { throw error }
                errors.append(error)
                if error.retryAdvice == .fail { refusal = refusal ?? error }
            }
        }
        if answers.isEmpty, let refusal { throw refusal }
        if let primary = SentinelAnswer.best(of: answers) { return primary }
        throw RedisError(
            .connectFailed, address: configuration.address.description,
            cause: answers.isEmpty ? .noSentinelAnswers(errors) : .unknownService(service))
    }

    /// Asks one sentinel, by SENTINEL MASTER; as a user only if it wants one.
    private func ask(_ sentinel: Host, by deadline: Deadline) throws(RedisError) -> SentinelAnswer {
        let context = try HiredisContext(
            connectingTo: .host(sentinel), configuration, by: deadline, interrupter: interrupter)
        let question = RedisPipeline("SENTINEL", "MASTER", service)
        var reply = try context.exchange(question, by: deadline)[0]
        if reply.error?.serverCode == .noPassword, configuration.password != nil || configuration.passwordSource != nil
        {
            let login = Login(
                configuration: configuration, address: context.address, deadline: deadline, interrupter: interrupter)
            reply = try login.perform { credentials throws(RedisError) in
                var pipeline = RedisPipeline()
                credentials?.append(to: &pipeline)
                pipeline.append("SENTINEL", "MASTER", service)
                let replies = try context.exchange(pipeline, by: deadline)
                if credentials != nil { try replies[0].get() }
                return replies[replies.count - 1]
            }
        }
        if let error = reply.error, error.serverCode != .unknownService { throw error }
        return SentinelAnswer(reply)
    }
}
