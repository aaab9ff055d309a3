import Logging
import Redstream

/// The samples of the article on connections, and of the types of RedstreamConnection.
struct Pooling {
    let url: String
    let logger: Logger

    func oneClient() throws -> StreamClient {
        var configuration = try RedisConfiguration(url: url)
        configuration.commandTimeout = .seconds(2)
        let client = StreamClient(
            configuration, namespace: "shop", pool: .init(size: 16, waitTimeout: .seconds(2)), logger: logger)
        return client
    }

    func configuration() throws -> RedisConfiguration {
        var configuration = try RedisConfiguration(url: "redis://user:secret@127.0.0.1:6379/2")
        configuration.commandTimeout = .seconds(2)
        return configuration
    }

    func noticeAFullPool(_ pool: RedisPool) async throws {
        do {
            try await pool.withConnection(for: nil) { _ = try await $0.call("PING") }
        } catch let error as RedisError where error.kind == .poolExhausted {
            logger.error("\(error)")
        }
    }

    func waitOutsideOfThePool(_ pool: RedisPool) async throws {
        let job = try await pool.withOwnConnection(name: "jobs", for: nil) { connection in
            let pipeline = RedisPipeline("BRPOP", "jobs", 5)
            return try await connection.execute(pipeline, blocking: .seconds(5))[0].elements.last?.string
        }
        logger.info("\(job ?? "none")")
    }

    func shortCommands(_ key: String) async throws -> Int? {
        let pool = RedisPool(RedisConfiguration(), settings: .init(size: 4))
        let length = try await pool.withConnection(for: key) { try await $0.call("XLEN", key).integer }
        return length
    }

    func pipeline(_ connection: RedisConnection, _ key: String) async throws -> RedisReplies {
        var pipeline = RedisPipeline()
        pipeline.append("XLEN", key)
        pipeline.append("TIME")
        let replies = try await connection.execute(pipeline)
        return replies
    }
}
