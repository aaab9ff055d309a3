import FoundationEssentials
import Redstream
import RedstreamConnection
import RedstreamSystem
import TestSupport
import Testing

@testable import RedstreamCLI

/// Tab where something else than a command's own words and names is meant.
struct ShellTabTests {
    @Test func namesThatACommandHasMadeAreOfferedAtOnce() async throws {
        try await withShell(rows: 100, columns: 140) { terminal, fixture in
            terminal.type("namespace \(fixture.namespace)\r")
            let prompt = "redis @\(fixture.namespace)>"
            try await terminal.shows(line: prompt)
            for (number, command) in [
                "produce --stream fresh0 '{}'", "XADD {s}1 * a b",
                "EVAL \"redis.call('XADD', KEYS[1], '*', 'a', 'b')\" 1 {s}2\ry", "MULTI\rXADD {s}3 * a b\rEXEC",
                "XGROUP CREATE {s}4 g $ MKSTREAM",
            ].enumerated() {
                // What is found now is kept for seconds.
                terminal.type("consume --stream fresh\(number)\t\t")
                try await terminal.shows { $0.cursorLine.hasPrefix("\(prompt) consume --stream fresh\(number)") }
                terminal.type("\u{15}\(command.replacing("{s}", with: fixture.keys.stream("fresh").description))\r")
                let key = fixture.keys.stream("fresh\(number)")
                try await eventually("it is there") { try await fixture.redis("EXISTS", key).integer == 1 }
                try await terminal.shows(line: prompt)
                try await terminal.complete(
                    "\(prompt) ", "consume --stream fr",
                    to: number == 0 ? "consume --stream fresh0 " : "consume --stream fresh")
                terminal.type("\u{15}")
                try await terminal.shows(line: prompt)
            }
        }
    }

    @Test func programsAndFilesAreOfferedBehindPipesAndRedirections() async throws {
        let folder = try TemporaryDirectory()
        for name in ["out.txt", "a b.txt"] {
            try "".write(toFile: "\(folder.path)/\(name)", atomically: false, encoding: .utf8)
        }
        mkdir("\(folder.path)/bin", 0o755)
        try "#!/bin/sh\n".write(toFile: "\(folder.path)/bin/uniqueprogram", atomically: false, encoding: .utf8)
        chmod("\(folder.path)/bin/uniqueprogram", 0o755)
        try "".write(toFile: "\(folder.path)/bin/uniquetext", atomically: false, encoding: .utf8)
        let environment = ["PATH": "/usr/bin:/bin:\(folder.path)/bin", "HOME": folder.path]
        try await withShell(columns: 160, environment: environment) { terminal, _ in
            for (typed, completed) in [
                ("PING | uniq", "PING | uniq"), ("PING | uniquep", "PING | uniqueprogram "),
                ("PING | sort | uniquep", "PING | sort | uniqueprogram "),
                ("PING | cat \(folder.path)/ou", "PING | cat \(folder.path)/out.txt "),
                ("PING | \(folder.path)/bin/uniquep", "PING | \(folder.path)/bin/uniqueprogram "),
                ("PING > \(folder.path)/ou", "PING > \(folder.path)/out.txt "), ("PING >> ~/ou", "PING >> ~/out.txt "),
                ("PING >~/bi", "PING >~/bin/"), ("PING >>\(folder.path)/a", "PING >>'\(folder.path)/a b.txt' "),
            ] {
                terminal.type("\(typed)\t")
                try await terminal.shows("\(typed) is completed") {
                    ($0.cursorLine + " ").hasPrefix("redis> \(completed)")
                }
                terminal.type("\u{3}")
                try await terminal.shows(line: "redis>")
            }
        }
    }

    @Test func whatHelpAndSettingsTakeIsOffered() async throws {
        try await withShell(rows: 60, columns: 160) { terminal, fixture in
            try await fixture.add(to: fixture.keys.stream("s"))
            try await terminal.complete("redis> ", "help @scrip", to: "help @scripting ")
            terminal.type("\u{15}")
            try await terminal.complete("redis> ", "help xinfo cons", to: "help xinfo CONSUMERS ")
            terminal.type("\u{15}")
            let namespace = fixture.namespace
            try await terminal.complete("redis> ", "namespace \(namespace.dropLast(3))", to: "namespace \(namespace) ")
            terminal.type("\u{15}")
            try await terminal.complete("redis> ", "encoding a", to: "encoding ascii ")
        }
    }

    @Test func keysAreOfferedWhereACommandTakesOne() async throws {
        guard try await RedisServer.shared.knows(7, 0) else { return }
        try await withShell(rows: 60, columns: 160) { terminal, fixture in
            let key = fixture.keys.stream("s")
            try await fixture.add(to: key)
            // With the hint the server's description of the command is there.
            terminal.type("XADD ")
            try await terminal.shows { $0.cursorLine.hasPrefix("redis> XADD key") }
            terminal.type("\u{15}")
            try await terminal.complete("redis> ", "XADD \(key.description.dropLast(2))", to: "XADD \(key) ")
            terminal.type("\t")
            try await terminal.shows {
                $0.lines.contains { $0.split(separator: " ") == ["NOMKSTREAM", "MAXLEN", "MINID", "*"] }
            }
            terminal.type("nom\t* f \t\t")
            try await terminal.shows { $0.cursorLine.hasPrefix("redis> XADD \(key) nomkstream * f value") }
        }
    }

    private typealias Argument = CommandDocs.Argument

    @Test(
        arguments: [
            ("", [], true), ("k", ["NX", "XX"], false), ("k v", ["EX", "KEEPTTL"], false), ("k v EX", [], false),
            ("k v EX 1", [], true), ("k v EX 1 k2", [], true), ("k v EX 1 k2 x y", [], true), ("a b c", nil, false),
        ] as [(String, [String]?, Bool)])
    func whatMayComeNextIsKnownFromTheDescription(words: String, tokens: [String]?, takesKey: Bool) {
        let arguments = [
            Argument(name: "key", type: "key"),
            Argument(
                name: "condition", type: "oneof", isOptional: true,
                parts: [
                    Argument(name: "nx", type: "pure-token", token: "NX"),
                    Argument(name: "xx", type: "pure-token", token: "XX"),
                ]),
            Argument(name: "value", type: "string"),
            Argument(
                name: "expiry", type: "oneof",
                parts: [
                    Argument(name: "seconds", type: "integer", token: "EX"),
                    Argument(name: "keep", type: "pure-token", token: "KEEPTTL"),
                ]),
            Argument(name: "other", type: "key", isMultiple: true),
        ]
        let next = CommandSyntax.next(arguments, after: words.split(separator: " ").map(String.init))
        #expect(next?.tokens == tokens)
        #expect((next?.takesKey ?? false) == takesKey)
    }
}
