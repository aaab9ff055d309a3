import Redstream
import RedstreamConnection
import TestSupport

/// Counts the delay messages and the immediate messages of products, from code that cannot suspend.
struct BlockingCount: Sendable {
    private let configuration: RedisConfiguration
    private let pipeline: RedisPipeline

    init(_ fixture: Fixture) {
        configuration = fixture.server.configuration
        var pipeline = RedisPipeline("XLEN", fixture.keys.delayStream("products"))
        pipeline.append("XLEN", fixture.keys.stream("products"))
        self.pipeline = pipeline
    }

    func lengths() throws -> [Int] {
        let connection = BlockingRedisConnection(configuration, name: "tests:count")
        return try connection.execute(pipeline, for: nil, timeout: .seconds(20)).map { $0.integer ?? -1 }
    }
}
