import RedstreamConnection
import Testing

@Suite(.timeLimit(.minutes(3))) struct RedisPipelineTests {
    @Test func encodesEachArgumentWithItsLength() {
        let pipeline = RedisPipeline("SET", "naïve", 42)
        #expect(text(pipeline) == "*3\r\n$3\r\nSET\r\n$6\r\nnaïve\r\n$2\r\n42\r\n")
        #expect(pipeline.count == 1)
    }

    @Test func takesBytesAsTheyAre() {
        let bytes: [UInt8] = [0, 13, 10, 255]
        var pipeline = RedisPipeline()
        pipeline.append("SET", bytes, bytes[1...2])
        #expect(
            pipeline.bytes == Array("*3\r\n$3\r\nSET\r\n$4\r\n".utf8) + bytes
                + Array("\r\n$2\r\n\r\n\r\n".utf8))
    }

    @Test(arguments: [0, 9, 10, 11, 99, 100, 101, 999, 1000, 65_536])
    func writesLengthsOfAnySize(length: Int) {
        let argument = String(repeating: "x", count: length)
        #expect(text(RedisPipeline("A", argument)) == "*2\r\n$1\r\nA\r\n$\(length)\r\n\(argument)\r\n")
    }

    @Test func writesNegativeAndLargeNumbers() {
        #expect(text(RedisPipeline("A", Int.min)) == "*2\r\n$1\r\nA\r\n$20\r\n-9223372036854775808\r\n")
    }

    @Test func countsCommandsAndForgetsThem() {
        var pipeline = RedisPipeline("PING")
        pipeline.append("PING")
        pipeline.append(["ECHO", "x"] as [any RedisArgument])
        #expect(pipeline.count == 3)
        pipeline.removeAll()
        #expect(pipeline.count == 0)
        #expect(pipeline.bytes.isEmpty)
    }

    @Test func argumentsEncodedOnceReadLikeOthers() {
        let encoded = EncodedArguments("XADD", "key", 7)
        #expect(encoded.count == 3)
        var pipeline = RedisPipeline()
        pipeline.beginCommand(argumentCount: 4)
        pipeline.appendEncoded(encoded)
        Array("end".utf8).withUnsafeBytes { pipeline.appendArgument($0) }
        #expect(pipeline.bytes == RedisPipeline("XADD", "key", 7, "end").bytes)
    }

    private func text(_ pipeline: RedisPipeline) -> String {
        String(decoding: pipeline.bytes, as: UTF8.self)
    }
}
