import FoundationEssentials
import Redstream
import RedstreamConnection
import RedstreamSystem
import TestSupport
import Testing

@testable import RedstreamCLI

/// Replies as they are shown.
struct ShellReplyTests {
    @Test(arguments: [
        ("é日本😀", ReplyEncoding.utf8, "é日本😀"), ("é", .ascii, #"\xc3\xa9"#),
        ("a\"\\\n\r\t\u{7}\u{8}", .utf8, #"a\"\\\n\r\t\a\b"#),
        ("\u{1B}[31m\u{7F}\0", .utf8, #"\x1b[31m\x7f\x00"#), ("\u{85}\u{9B}", .utf8, #"\xc2\x85\xc2\x9b"#),
        // What turns the direction of text, or is not seen.
        ("\u{202E}\u{2066}\u{200F}\u{61C}", .utf8, #"\xe2\x80\xae\xe2\x81\xa6\xe2\x80\x8f\xd8\x9c"#),
        ("\u{200B}\u{FEFF}\u{AD}", .utf8, #"\xe2\x80\x8b\xef\xbb\xbf\xc2\xad"#), ("\u{2028}", .utf8, #"\xe2\x80\xa8"#),
        ("\u{E000}\u{FFFF}\u{10FFFF}", .utf8, #"\xee\x80\x80\xef\xbf\xbf\xf4\x8f\xbf\xbf"#),
        // A mark combines with its own character, never with the quote or an escape.
        ("e\u{301}", .utf8, "e\u{301}"), ("\u{301}e", .utf8, #"\xcc\x81e"#), ("\u{1}\u{301}", .utf8, #"\x01\xcc\x81"#),
        ("\"\u{301}", .utf8, #"\"\xcc\x81"#), ("日\u{302}\u{301}", .utf8, "日\u{302}\u{301}"),
    ])
    func stringsAreTextWithEscapesForWhatIsNone(text: String, encoding: ReplyEncoding, expected: String) {
        #expect(quoted(Array(text.utf8), encoding) == expected)
    }

    @Test func bytesThatAreNoUTF8AreEscapesAndTheRestIsText() {
        #expect(quoted([0x61, 0xC3, 0xA9, 0xC3, 0x28, 0xE2, 0x82, 0xFF], .utf8) == #"aé\xc3(\xe2\x82\xff"#)
        #expect(quoted([0xED, 0xA0, 0x80, 0xC0, 0x80], .utf8) == #"\xed\xa0\x80\xc0\x80"#)
    }

    @Test func aStringIsTheSameInAnyParts() {
        let bytes = Array("a\u{301}日\u{202E}é\"\u{301}\u{1}\u{301}😀".utf8)
        for size in 1...bytes.count {
            var quoting = QuotedText(.utf8)
            var text: [UInt8] = []
            var position = 0
            while position < bytes.count {
                position = quoting.append(
                    bytes[...], from: position, to: min(position + size, bytes.count), into: &text)
            }
            #expect(String(decoding: text, as: UTF8.self) == quoted(bytes, .utf8), "\(size)")
        }
    }

    private func quoted(_ bytes: [UInt8], _ encoding: ReplyEncoding) -> String {
        var text: [UInt8] = []
        var quoting = QuotedText(encoding)
        _ = quoting.append(bytes[...], from: 0, to: bytes.count, into: &text)
        return String(decoding: text, as: UTF8.self)
    }

    @Test(arguments: [
        (
            "return {1, {}, {'a', {'b'}}, false}",
            "1) (integer) 1\n2) (empty array)\n3) 1) \"a\"\n   2) 1) \"b\"\n4) (nil)\n", "1\n\na\nb\n\n",
            "[1,[],[\"a\",[\"b\"]],null]\n"
        ),
        ("return {}", "(empty array)\n", "\n", "[]\n"), ("return false", "(nil)\n", "\n", "null\n"),
        ("return ''", "\"\"\n", "\n", "\"\"\n"), ("return 5", "(integer) 5\n", "5\n", "5\n"),
        ("return {ok = 'fine'}", "fine\n", "fine\n", "\"fine\"\n"),
        ("return {{'x'}}", "1) 1) \"x\"\n", "x\n", "[[\"x\"]]\n"),
        (
            "local t = {} for i = 1, 11 do t[i] = i end return t",
            (1...11).map { "\($0 < 10 ? " " : "")\($0)) (integer) \($0)\n" }.joined(),
            (1...11).map { "\($0)\n" }.joined(), "[1,2,3,4,5,6,7,8,9,10,11]\n"
        ),
    ])
    func repliesHaveTheSameTextAsRedisCLI(script: String, formatted: String, raw: String, json: String) async throws {
        try await withNamespace { fixture in
            let reply = try await fixture.redis("EVAL", script, 0)
            for (style, expected) in [(ReplyPieces.Style.formatted(.utf8), formatted), (.raw, raw), (.json, json)] {
                #expect(text(ReplyPieces(reply, style)) == expected, "\(style)")
            }
        }
    }

    @Test func aLargeReplyComesInPieces() async throws {
        try await withNamespace { fixture in
            let reply = try await fixture.redis(
                "EVAL",
                "local t = {} for i = 1, 5000 do t[i] = string.rep('x', 100) end t[5001] = string.rep('y', 300000) return t",
                0)
            var pieces = ReplyPieces(reply, .formatted(.utf8))
            var sizes: [Int] = []
            var copy = pieces
            while let piece = pieces.next() { sizes.append(piece.count) }
            #expect(sizes.count > 20 && sizes.allSatisfy { $0 > 0 && $0 < 100_000 })
            let (lines, last) = (5000 * 109, 300_009)
            #expect(sizes.reduce(0, +) == lines + last)
            #expect(copy.next()?.count == sizes.first)
        }
    }

    private func text(_ pieces: some TextPieces) -> String {
        var pieces = pieces
        var text: [UInt8] = []
        while let piece = pieces.next() { text += piece }
        return String(decoding: text, as: UTF8.self)
    }

    @Test func stringsAreShownAsRedisCLIDoesWhereThatIsChosen() async throws {
        try await withShell { terminal, _ in
            terminal.type("ECHO é\rencoding ascii\rECHO é\rencoding\rencoding utf8\rECHO é\r")
            try await terminal.shows { screen in
                screen.lines.filter { !$0.hasPrefix("redis>") }.dropFirst() == [
                    "\"é\"", #""\xc3\xa9""#, "encoding ascii", "\"é\"",
                ]
            }
        }
    }
}

/// Replies that are larger than anybody reads.
struct ShellLargeReplyTests {
    private static func fill(_ fixture: Fixture, count: Int, size: Int) async throws -> String {
        let key = fixture.keys.base + ":list"
        let script = "for i = 1, ARGV[1] do redis.call('RPUSH', KEYS[1], i .. string.rep('x', ARGV[2])) end"
        for _ in 0..<10 { try await fixture.redis("EVAL", script, 1, key, count / 10, size) }
        return key
    }

    @Test func endAtOnceOnCtrlC() async throws {
        try await withShell(environment: ["PAGER": "cat"], on: try await RedisServer.start()) { terminal, fixture in
            let key = try await Self.fill(fixture, count: 200_000, size: 10)
            terminal.type("LRANGE \(key) 0 -1\r")
            try await terminal.shows { $0.lines.contains { $0.hasSuffix("xxx\"") } }
            terminal.type("\u{3}")
            try await terminal.shows(line: "redis>")
            #expect(!terminal.screen.lines.contains { $0.hasPrefix("200000)") })
            terminal.type("PING\r")
            try await terminal.shows { $0.lines.suffix(2) == ["PONG", "redis>"] }
        }
    }

    @Test(.enabled(if: !Sanitizer.isOn)) func takeLittleMoreMemoryThanTheirBytes() async throws {
        let server = try await RedisServer.start()
        try await withNamespace(on: server) { fixture in
            let key = try await Self.fill(fixture, count: 100_000, size: 500)
            for words in [["-c", "LRANGE \(key) 0 -1"], ["-c", "output json", "-c", "LRANGE \(key) 0 -1"]] {
                let tool = try ToolProcess(
                    ["shell"] + words + ["-c", "BLPOP \(key):wait 0"], environment: fixture.toolEnvironment)
                try await eventually("the reply is written") {
                    try await fixture.redis("CLIENT", "LIST").string?.contains("cmd=blpop") == true
                }
                let peak = try Self.peak(of: tool.processID)
                // Fifty megabytes, and what the reader of replies holds beside them.
                #expect(peak < 50 * 2 + 60, "\(peak) MB")
                try await fixture.redis("RPUSH", key + ":wait", 1)
                #expect(try await tool.result().exit == .status(0))
            }
        }
    }

    /// The most memory that a process had, in megabytes.
    private static func peak(of process: Int32) throws -> Int {
        let text = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
        let line = text.split(separator: "\n").first { $0.hasPrefix("VmHWM:") } ?? ""
        return (line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) / 1024
    }
}
