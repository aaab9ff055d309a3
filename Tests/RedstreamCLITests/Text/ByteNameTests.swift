import FoundationEssentials
import Redstream
import RedstreamConnection
import TestSupport
import Testing

@testable import RedstreamCLI

/// Names whose bytes are not UTF-8: `caf\xe9` is "café" as Latin-1 writes it.
@Suite struct ByteNameTests {
    /// The name as the tool shows it and takes it.
    private let name = #"caf\xe9"#
    private let bytes = Array("caf".utf8) + [0xE9]

    @Test(arguments: [
        #"produce --stream "$NAME" 1"#, #"produce --stream="$NAME" 1"#, #"produce --stream products "\"$NAME\"""#,
        #"produce --stream products --ids "$NAME""#, #"inspect-offsets --namespace "$NAME""#,
        #"consume --stream products --name "$NAME" --count 1"#, #"shard-of --shards 2 "$NAME""#,
        #"shell -c "SET $NAME 1""#,
    ])
    func anArgumentThatIsNotUTF8IsRefused(command: String) async throws {
        try await withNamespace { fixture in
            let result = try await fixture.shell(#"NAME=$(printf 'caf\351'); exec "$REDSTREAM" "# + command).result()
            result.expect(.usage)
            #expect(result.errors.hasPrefix("redstream: argument "), "\(result.errors)")
            #expect(result.errors.contains(#" is not UTF-8: "#) && result.errors.contains(name), "\(result.errors)")
            #expect(result.errors.contains("\nhint: "))
            #expect(try await fixture.redis("KEYS", "\(fixture.namespace):*").elements.isEmpty)
        }
    }

    @Test func reportsShowNamesAsTheyCanBeTyped() async throws {
        try await withNamespace { fixture in
            let consumer = ConsumerName(stream: "a\nb", name: "c\nd")
            try await fixture.redis("SET", fixture.keys.offset(consumer), "0-0")
            try await fixture.add(to: fixture.keys.stream("a\nb"))
            let (stream, name) = (#"a\x0ab"#, #"c\x0ad"#)
            let delayed = try await fixture.run("delay", "--stream", stream, "--delay", "1m", "--once")
            #expect(delayed.output == "moved 0 to \(stream)\n")
            let purged = try await fixture.run(
                "dead-letters", "purge", "--stream", stream, "--consumer", name, "--dry-run")
            #expect(purged.output == "\(stream), \(name): would purge 0 dead letters\n")
            let produced = try await fixture.run("produce", "--stream", stream, "1")
            #expect(produced.output.hasPrefix("produced 1 message to \(stream), last id "))
            let forgotten = try await fixture.run("forget", "--stream", stream, "--name", name)
            #expect(forgotten.output.hasPrefix("\(stream), \(name): forgotten\n"))
        }
    }

    @Test func messagesShowNamesAsTheyCanBeTyped() async throws {
        try await withNamespace { fixture in
            try await fixture.add(to: fixture.keys.stream("a\nb"))
            let (stream, other) = (#"a\x0ab"#, #"a\x0abc"#)
            for arguments in [
                ["consume", "--stream", other, "--exit-at-end"], ["inspect-offsets", "--stream", other],
                ["delay", "--stream", other, "--delay", "1m", "--once"],
                ["trim", "--stream", other, "--expiry", "1d", "--once"],
            ] {
                let errors = try await ToolProcess.run(arguments, environment: fixture.toolEnvironment).errors
                #expect(errors.contains(other) && errors.contains("did you mean \(stream)?"), "\(errors)")
            }
            let checked = try await fixture.run("inspect-offsets", "--stream", stream, "--max-lag", "1")
            #expect(checked.errors.contains("stream \(stream) has no consumers to check"), "\(checked.errors)")
        }
    }

    @Test func aPasswordInAnArgumentThatIsNotUTF8IsHidden() async throws {
        let tool = try ToolProcess(
            ["-c", #"exec "$0" inspect-offsets --url "$(printf 'redis://:s3kret\351@host')""#, ToolProcess.executable],
            program: "/bin/sh")
        let result = try await tool.result()
        result.expect(.usage)
        #expect(!result.errors.contains("s3kret"))
    }

    @Test(arguments: ["REDSTREAM_NAMESPACE", "REDSTREAM_URL", "REDIS_URL"])
    func aVariableThatIsNotUTF8IsRefused(variable: String) async throws {
        let tool = try ToolProcess(
            ["-c", #"export \#(variable)=$(printf 'caf\351'); exec "$0" inspect-offsets"#, ToolProcess.executable],
            program: "/bin/sh")
        let result = try await tool.result()
        result.expect(.usage)
        #expect(result.errors.hasPrefix("redstream: the variable \(variable) is not UTF-8\nhint: "))
    }

    @Test func aVariableThatIsNotUsedMayBeAnything() async throws {
        try await withNamespace { fixture in
            let result = try await fixture.shell(
                #"export REDIS_URL=$(printf 'caf\351'); export HOME=$(printf '/nonexistent/\351'); exec "$REDSTREAM" shell -c 'ECHO 1'"#
            ).result()
            result.expect(.done)
            #expect(result.output == "1\n")
        }
    }

    @Test func keysThatDifferInABytesAreTwoRowsAndEachIsTakenBack() async throws {
        try await withNamespace { fixture in
            let base = Array("\(fixture.namespace):redstream:stream:".utf8)
            for (byte, count) in [(0xE8, 1), (0xE9, 2)] as [(UInt8, Int)] {
                try await fixture.add(numbered: 1...count, to: base + Array("caf".utf8) + [byte])
            }
            let table = try await fixture.run("inspect-offsets")
            #expect(table.lines.count { $0.hasPrefix(#"caf\xe"#) } == 2)
            let json = try await fixture.run("inspect-offsets", "-o", "json").output
            #expect(
                json.contains(#""stream":"caf\\xe9","length":2"#) && json.contains(#""stream":"caf\\xe8","length":1"#))
            let metrics = try await fixture.run("inspect-offsets", "-o", "prometheus").output
            #expect(metrics.contains(#"redstream_stream_length{stream="caf\\xe9","#))

            try await fixture.run("produce", "--stream", name, "3").expect(.done)
            #expect(try await fixture.length(base + bytes) == 3)
            let read = try await fixture.run("consume", "--stream", #"caf\xE9"#, "--exit-at-end", "-o", "payload")
            #expect(read.output == "1\n2\n3\n")
            let seek = try await fixture.run("seek", "--stream", name, "--name", #"c\xff"#, "--to", "latest")
            #expect(seek.output.contains(#"undo: redstream forget --stream 'caf\xe9' --name 'c\xff'"#))
            let undo = try #require(seek.lines.last?.dropFirst("undo: redstream ".count))
            try await fixture.shell(#""$REDSTREAM" \#(undo)"#).result().expect(.done)
            #expect(try await fixture.run("inspect-offsets").output.contains("c\\xff") == false)
            let unknown = try await fixture.run("seek", "--stream", #"caf\xea"#, "--name", "c", "--to", "latest")
            unknown.expect(.failed)
            #expect(unknown.errors.contains(#"did you mean caf\xe"#), "\(unknown.errors)")
        }
    }

    @Test func namespacesMayBeAnyBytesToo() async throws {
        try await withNamespace { fixture in
            let namespace = "\(fixture.namespace):redstream:" + name
            try await fixture.run("produce", "--namespace", namespace, "--stream", "s", "1").expect(.done)
            let key = Array("\(fixture.namespace):redstream:".utf8) + bytes + Array(":redstream:stream:s".utf8)
            #expect(try await fixture.length(key) == 1)
            let report = try await fixture.run("inspect-offsets", "--namespace", namespace)
            #expect(
                report.output.contains("\ns  ") || report.output.hasPrefix("s  ")
                    || report.output.contains("s            1"))
        }
    }

    @Test func aBackslashThatLooksLikeAnEscapeIsNamedByOne() async throws {
        try await withNamespace { fixture in
            let key = fixture.keys.stream("") + RedisKey(#"a\x41"#)
            try await fixture.add(numbered: 1...1, to: key)
            #expect(try await fixture.run("inspect-offsets").output.contains(#"a\x5cx41"#))
            try await fixture.run("produce", "--stream", #"a\x5cx41"#, "2").expect(.done)
            #expect(try await fixture.length(key) == 2)
        }
    }

    @Test func wordsOfTheShellThatAreNotUTF8AreRefused() async throws {
        try await withNamespace { fixture in
            for line in [
                #"use "caf\xe9""#, #"namespace "caf\xe9""#, #"inspect-offsets --stream "caf\xe9""#,
                #"connect "redis://caf\xe9""#, #"ECHO 1 > "caf\xe9""#,
            ] {
                let result = try await fixture.run("shell", "-c", line)
                result.expect(.usage)
                #expect(result.errors.contains(#" is not UTF-8: "#) && result.errors.contains(name), "\(result.errors)")
            }
            let pipe = try await fixture.run("shell", input: .bytes(Array("ECHO 1 | cat caf".utf8) + [0xE9, 0x0A]))
            pipe.expect(.usage)
            // Commands of Redis take bytes, and ours take the name.
            let lines = #"redis XADD "\#(fixture.namespace):redstream:stream:caf\xe9" 1-0 payload 7"# + "\n"
            let result = try await fixture.run(
                "shell", input: .text(lines + #"use 'caf\xe9'"# + "\nconsume --exit-at-end -o payload\n"))
            result.expect(.done)
            #expect(result.output.hasSuffix("\n7\n"), "\(result.output)\(result.errors)")
        }
    }

    @Test func namesThatLookAlikeAreTwoRows() async throws {
        try await withNamespace { fixture in
            for name in ["é", "e\u{301}"] {
                try await fixture.run("produce", "--stream", name, "1").expect(.done)
                try await fixture.run("seek", "--stream", name, "--name", name, "--to", "earliest").expect(.done)
            }
            let rows = try await fixture.run("inspect-offsets", "-o", "json").consumers()
            #expect(rows.count == 2)
        }
    }

    @Test func aMarkThatCombinesHidesNoSyntax() async throws {
        // A key outside of the namespace would pass for a leak of another test on a shared server.
        try await RedisServer.with { server in
            try await withNamespace(on: server) { fixture in
                let name = "\u{301}x"
                // Behind a "=", a colon, a comma and a blank.
                try await fixture.run("produce", "--stream=\(name)", "1").expect(.done)
                try await fixture.run("seek", "--stream", name, "--name", name, "--to", "latest").expect(.done)
                let copy = try await fixture.run("seek", "--stream", name, "--name", "y", "--to", "committed:\(name)")
                copy.expect(.done)
                let trim = try await fixture.run("trim", "--stream", name, "--consumers", "y,\(name)", "--once")
                trim.expect(.done)
                #expect(try await fixture.length(fixture.keys.stream(name)) == 0)
                let other = try await ToolProcess.run(
                    ["produce", "--stream", "s", "1"],
                    environment: [
                        "REDSTREAM_URL": fixture.server.url, "REDSTREAM_NAMESPACE": "\u{301}\(fixture.namespace)",
                    ])
                other.expect(.done)
                let key = "\u{301}\(fixture.namespace):redstream:stream:s"
                #expect(try await fixture.length(key) == 1)
                try await fixture.redis("UNLINK", key, "\u{301}\(fixture.namespace):redstream:streams")
            }
        }
    }
}
