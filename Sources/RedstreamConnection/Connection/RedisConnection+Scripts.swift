extension RedisConnection {
    /// Makes sure that the server knows scripts, so that calls of them can be pipelined.
    public func load(_ scripts: [RedisScript]) async throws {
        guard !scripts.isEmpty else { return }
        var pipeline = RedisPipeline()
        for script in scripts { pipeline.append("SCRIPT", "LOAD", script.source) }
        _ = try await executeChecked(pipeline)
    }

    /// Runs a script.
    ///
    /// - Parameters:
    ///   - script: The script.
    ///   - keys: Every key it touches, so that it can run on a cluster.
    ///   - arguments: Its ARGV.
    /// - Returns: The script's reply.
    /// - Throws: ``RedisError``, also for an error that the script raised.
    public func run(
        _ script: RedisScript, keys: [any RedisArgument], arguments: [any RedisArgument] = []
    ) async throws -> RedisReply {
        var pipeline = RedisPipeline()
        pipeline.append(script, keys: keys, arguments: arguments)
        let call = pipeline
        let first = try await execute(call)[0]
        guard first.error?.serverCode == .noScript else { return try first.get() }
        try await load([script])
        let second = try await execute(call)[0]
        guard second.error?.serverCode == .noScript else { return try second.get() }
        // A node of a cluster that a slot is on its way to has answered, and another one was given the script.
        return try await self.call("EVAL", [script.source, keys.count] + keys + arguments)
    }
}
