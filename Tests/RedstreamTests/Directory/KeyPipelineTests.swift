import RedstreamConnection
import TestSupport
import Testing

@testable import Redstream

@Suite(.timeLimit(.minutes(1))) struct KeyPipelineTests {
    @Test func aServerWithoutTheScriptIsGivenItsText() async throws {
        try await withNamespace { fixture in
            let script = RedisScript("return {KEYS[1], ARGV[1], '\(fixture.namespace)'}")
            let key = fixture.keys.stream("products")
            let calls = (0..<3).map { KeyCommand(script, keys: [key], arguments: [$0]) }
            let replies = try await fixture.client.replies(to: calls)
            #expect(
                replies.map { $0.elements.map(\.string) }
                    == (0..<3).map { [key.description, "\($0)", fixture.namespace] })
        }
    }
}
