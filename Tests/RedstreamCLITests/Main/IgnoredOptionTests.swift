import ArgumentParser
import Foundation
import Redstream
import TestSupport
import Testing

@testable import RedstreamCLI

/// Options that do not count beside others: each is said, and none is silent.
@Suite struct IgnoredOptionTests {
    /// Command lines, and the options in them that do not count.
    static let lines: [(words: [String], ignored: [String])] = [
        (["consume", "--stream", "s", "--retry-for", "1s"], ["--retry-for"]),
        (["consume", "--stream", "s", "--retry-for", "1s", "--exit-at-end"], []),
        (["consume", "--stream", "s", "--payload-as-string", "-o", "text"], ["--payload-as-string"]),
        (["consume", "--stream", "s", "--payload-as-string", "-o", "payload"], ["--payload-as-string"]),
        (["consume", "--stream", "s", "--payload-as-string", "-o", "json"], []),
        (["consume", "--stream", "s", "--payload-as-string"], []),
        (["delay", "--delay", "1s", "--once", "--grace", "5s"], ["--grace"]),
        (["delay", "--delay", "1s", "--grace", "5s"], []),
        (["delay", "--delay", "1s", "--retry-for", "5s"], ["--retry-for"]),
        (["delay", "--delay", "1s", "--once", "--retry-for", "5s"], []),
        (
            ["trim", "--expiry", "1d", "--once", "--interval", "5s", "--grace", "1s", "--retry-for", "1s"],
            ["--grace", "--interval"]
        ),
        (["trim", "--expiry", "1d", "--once", "--dry-run", "--wait"], ["--wait"]),
        (["trim", "--expiry", "1d", "--interval", "5s", "--grace", "1s", "--retry-for", "1s"], ["--retry-for"]),
        (["inspect-offsets", "--watch", "--retry-for", "1s"], ["--retry-for"]),
        (["inspect-offsets", "--retry-for", "1s"], []),
        (["produce", "--stream", "s", "--wait-timeout", "1s", "1"], ["--wait-timeout"]),
        (["produce", "--stream", "s", "--wait-timeout", "1s", "--wait-replicas", "1", "1"], []),
    ]

    @Test(arguments: lines)
    func optionThatDoesNotCountIsNamed(words: [String], ignored: [String]) throws {
        let command = try #require(try RedstreamCommand.parseAsRoot(words) as? any ToolCommand)
        let sentences = command.ignoredOptions
        #expect(sentences.map { $0.split(separator: " ").first.map(String.init) } == ignored)
        #expect(sentences.allSatisfy { $0.contains(" is ignored") })
    }

    @Test func itIsSaidBeforeTheWork() async throws {
        try await withNamespace { fixture in
            let result = try await fixture.run("produce", "--stream", "s", "--wait-timeout", "1s", "1")
            result.expect(.done)
            #expect(result.errorLines.line(0) == "redstream: --wait-timeout is ignored: it goes with --wait-replicas")
        }
    }

    @Test func passwordOfTheURLBesideAFileIsSaid() async throws {
        let directory = try TemporaryDirectory()
        let file = "\(directory.path)/password"
        try Data("other\n".utf8).write(to: URL(filePath: file))
        for (words, environment) in [
            (["--url", "redis://:s3kret@127.0.0.1:1"], [:]), ([], ["REDSTREAM_URL": "redis://:s3kret@127.0.0.1:1"]),
        ] as [([String], [String: String])] {
            let result = try await ToolProcess.run(
                ["inspect-offsets", "--retry-for", "0s", "--password-file", file] + words, environment: environment)
            let name = words.first ?? "REDSTREAM_URL"
            #expect(
                result.errorLines.line(0) == "redstream: the password of \(name) is ignored: --password-file counts")
            #expect(!result.errors.contains("s3kret"))
        }
    }

    @Test func keepGoingAtAPromptIsSaid() async throws {
        try await withNamespace { fixture in
            let terminal = try fixture.terminal("shell", "--keep-going")
            try await terminal.waitUntilShown("--keep-going is ignored")
            terminal.type("\u{4}")
            _ = try await terminal.exit()
        }
    }

    @Test func sessionsServerIsKeptWithAnotherTimeLimit() async throws {
        try await withNamespace { fixture in
            try await fixture.add(to: fixture.keys.stream("products"))
            // The server and the namespace of the session, not those of the environment.
            let result = try await ToolProcess.run(
                [
                    "shell", "--url", "unix://\(fixture.server.socketPath)", "--namespace", fixture.namespace, "-c",
                    "inspect-offsets --stream products --connect-timeout 1s",
                ], environment: ["REDSTREAM_URL": "unix:///nonexistent/redis"])
            result.expect(.done)
        }
    }
}
