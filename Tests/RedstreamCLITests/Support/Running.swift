import Foundation
import Redstream
import RedstreamConnection
import TestSupport
import Testing

@testable import RedstreamCLI

extension Fixture {
    /// Runs the tool to its end.
    func run(
        _ arguments: String..., environment: [String: String] = [:], input: ToolProcess.Input = .nothing
    ) async throws -> ToolProcess.Result {
        try await ToolProcess(
            arguments, environment: toolEnvironment.merging(environment) { $1 }, input: input
        ).result()
    }

    /// Runs the tool on a terminal.
    func terminal(_ arguments: String..., environment: [String: String] = [:]) throws -> TerminalProcess {
        try TerminalProcess(arguments, environment: toolEnvironment.merging(environment) { $1 })
    }

    /// Runs a script of /bin/sh, in which `$REDSTREAM` is the tool.
    func shell(
        _ script: String, environment: [String: String] = [:]
    ) throws -> ToolProcess {
        var variables = toolEnvironment.merging(environment) { $1 }
        variables["REDSTREAM"] = ToolProcess.executable
        return try ToolProcess(["-c", script], environment: variables, program: "/bin/sh")
    }

    /// The payloads of a stream, in order.
    func payloads(_ stream: String = "products") async throws -> [String] {
        try await entries(keys.stream(stream)).map { $0.fields.last ?? "" }
    }

    /// The ids of a stream, in order.
    func ids(_ stream: String = "products") async throws -> [String] {
        try await entries(keys.stream(stream)).map(\.id)
    }

    /// The offset of a consumer as it is stored.
    func offset(of name: String = "indexer", on stream: String = "products") async throws -> String? {
        try await string(keys.offset(ConsumerName(stream: stream, name: name)))
    }

    /// Stores the offset of a consumer.
    func setOffset(_ id: String, of name: String = "indexer", on stream: String = "products") async throws {
        try await redis("SET", keys.offset(ConsumerName(stream: stream, name: name)), id)
    }

    /// The holder of a consumer's lock.
    func holder(of name: String = "indexer", on stream: String = "products") async throws -> String? {
        try await string(keys.lock(ConsumerName(stream: stream, name: name)).key)
    }

    /// Holds a lock for a minute, as a process elsewhere would.
    func hold(_ lock: LockName, as holder: String = "f00@elsewhere:1") async throws {
        try await redis("SET", lock.key, holder, "PX", 60_000)
    }

    /// Waits until that process holds the consumer's lock.
    func waitForHolder(_ process: Int32, of name: String = "indexer", on stream: String = "products")
        async throws
    {
        try await eventually("process \(process) holds the lock of \(name)") {
            try await holder(of: name, on: stream)?.hasSuffix(":\(process)") == true
        }
    }
}

extension ToolProcess {
    /// Runs the tool where it should not get as far as a server; were it to, it would find none.
    static func runWithoutServer(_ arguments: [String]) async throws -> Result {
        try await run(arguments, environment: ["REDSTREAM_URL": "unix:///nonexistent/redis"])
    }
}

extension ToolProcess.Result {
    /// The lines of standard error.
    var errorLines: [String] { errors.split(separator: "\n").map(String.init) }

    /// Standard error without the notes that a stream or a consumer is new, as it is in many tests.
    var errorsBesidesNew: String {
        errorLines.filter { $0.wholeMatch(of: /redstream: .*: (a new (consumer|stream)|new streams)\b.*/) == nil }
            .map { $0 + "\n" }.joined()
    }

    /// The members of standard output's one JSON document, as text.
    func json() throws -> [String: String] {
        let value = try JSONSerialization.jsonObject(with: Data(outputBytes)) as? [String: Any]
        return (value ?? [:]).mapValues { "\($0)" }
    }

    /// The members of each consumer in the JSON document of `inspect-offsets`, as text.
    func consumers() throws -> [[String: String]] {
        let value = try JSONSerialization.jsonObject(with: Data(outputBytes)) as? [String: Any]
        let rows = value?["consumers"] as? [[String: Any]] ?? []
        return rows.map { $0.mapValues { "\($0)" } }
    }

    /// Checks the exit code; what the tool wrote is shown where it is another.
    func expect(_ code: RedstreamCLI.ExitCode, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(
            exit == .status(code.rawValue), "\(output)\(errors)", sourceLocation: sourceLocation)
    }
}

extension Array where Element == String {
    /// The line of that number from 0; an empty one where there is none, so that a test fails and does not crash.
    func line(_ number: Int) -> String { indices.contains(number) ? self[number] : "" }
}

extension String {
    /// Returns the number of times that a text is in it.
    func count(of text: String) -> Int { components(separatedBy: text).count - 1 }
}
