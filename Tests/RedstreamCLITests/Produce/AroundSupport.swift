import Foundation
import Redstream
import RedstreamConnection
import TestSupport
import Testing

/// The commands and the input of the tests of `produce --around`.
enum Around {
    static let payloads = [#"{"id":1}"#, #"{"id":2}"#]
    static let lines = payloads.map { $0 + "\n" }.joined()
}

extension Fixture {
    /// Starts `produce --around`.
    func around(
        _ command: String, _ flags: String..., input: String = Around.lines, environment: [String: String] = [:]
    ) throws -> ToolProcess {
        try ToolProcess(
            ["produce", "--stream", "products", "--around", command] + flags,
            environment: toolEnvironment.merging(environment) { $1 }, input: .text(input))
    }

    /// Checks what exists: in the delay stream, and in the stream.
    func expectAround(
        delayed: [String], queued: [String], sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        #expect(try await payloads("products.delay") == delayed, sourceLocation: sourceLocation)
        #expect(try await payloads("products") == queued, sourceLocation: sourceLocation)
    }
}

extension ToolProcess {
    /// The bytes that it has read, of any descriptor.
    var readCount: Int {
        let text = (try? String(contentsOfFile: "/proc/\(processID)/io", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("rchar: ") }
        return line.flatMap { Int($0.dropFirst("rchar: ".count)) } ?? .max
    }

    /// True if it runs, sleeps or stands still, as ps(1) has it.
    var state: Character? {
        let text = (try? String(contentsOfFile: "/proc/\(processID)/stat", encoding: .utf8)) ?? ""
        return text.split(separator: " ").dropFirst(2).first?.first
    }
}
