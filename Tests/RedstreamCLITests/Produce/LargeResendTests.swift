import Redstream
import RedstreamConnection
import Synchronization
import TestSupport
import Testing

@testable import RedstreamCLI

/// Entries that keep their ids, and of which it is unknown after a lost connection whether they are written.
@Suite(.timeLimit(.minutes(2))) struct LargeResendTests {
    @Test func writtenEntriesAreLookedForInSmallerParts() async throws {
        try await withLimitedServer(entries: []) { server, connection in
            let wasCut = Mutex(false)
            let proxy = try RedisProxy(server) { traffic in
                guard case .replies(let text) = traffic, text.contains("\r\n1-0\r\n") else { return .pass }
                return wasCut.withLock { cut in
                    defer { cut = true }
                    return cut ? .pass : .cut
                }
            }
            let payload = String(repeating: "x", count: 300_000)
            let lines = (1...8).map { #"{"id":"\#($0)-0","payload":"\#(payload)"}"# + "\n" }
            let result = try await ToolProcess.run(
                ["produce", "--stream", "products", "--records", "--keep-ids"],
                environment: ["REDSTREAM_URL": "unix://\(proxy.configuration.address)"],
                input: .bytes(Array(lines.joined().utf8)))
            result.expect(.done)
            #expect(try await connection.call("XLEN", "redstream:stream:products").integer == 8)
            #expect(result.errors.count(of: "trying ") == 1, "\(result.errors)")
        }
    }
}
