import FoundationEssentials
import Redstream
import RedstreamConnection
import TestSupport
import Testing

@testable import RedstreamCLI

/// Input of Windows programs, spreadsheets and web pages, with characters that nobody has meant.
@Suite struct InvisibleInputTests {
    /// Characters by their numbers: a byte order mark, spaces, zero widths, marks of direction, separators, controls.
    static let invisible: [Unicode.Scalar] = [
        "\u{FEFF}", "\u{A0}", "\u{3000}", "\u{2009}", "\u{200B}", "\u{200C}", "\u{200D}", "\u{2060}", "\u{200E}",
        "\u{200F}", "\u{202A}", "\u{202C}", "\u{202E}", "\u{2066}", "\u{2069}", "\u{AD}", "\u{2028}", "\u{2029}",
        "\u{0}", "\u{1B}", "\u{85}", "\u{3164}", "\u{34F}", "\u{FFFE}",
    ]

    @Test func byteOrderMarkOfAFileOfIDsIsLeftOut() async throws {
        try await withNamespace { fixture in
            let file = try TemporaryDirectory()
            let path = "\(file.path)/ids.csv"
            try Data([0xEF, 0xBB, 0xBF] + Array("42\r\n43\r\n".utf8)).write(to: URL(fileURLWithPath: path))
            let result = try await fixture.run("produce", "--stream", "products", "--ids", "--file", path)
            result.expect(.done)
            #expect(
                result.errorsBesidesNew == "redstream: the input begins with a byte order mark, which is left out\n")
            #expect(try await fixture.payloads() == [#"{"id":42}"#, #"{"id":43}"#])
        }
    }

    @Test(arguments: [[], ["--records"], ["--around", "true"]])
    func byteOrderMarkOfOtherInputIsLeftOut(options: [String]) async throws {
        try await withNamespace { fixture in
            let result = try await ToolProcess.run(
                ["produce", "--stream", "products"] + options, environment: fixture.toolEnvironment,
                input: .text("\u{FEFF}{\"payload\":1}\r\n"))
            result.expect(.done)
            #expect(result.errors.count(of: "byte order mark, which is left out") == 1)
            #expect(try await fixture.payloads().count == 1)
        }
    }

    @Test func byteOrderMarkThatComesInPiecesIsLeftOut() async throws {
        try await withNamespace { fixture in
            let tool = try fixture.tool("produce", "--stream", "products", "--ids", input: .pipe)
            for byte in [0xEF, 0xBB, 0xBF] as [UInt8] + Array("1\n".utf8) { tool.write([byte]) }
            tool.closeInput()
            try await tool.result().expect(.done)
            #expect(try await fixture.payloads() == [#"{"id":1}"#])
        }
    }

    @Test func onlyTheFirstLineHasAByteOrderMark() async throws {
        try await withNamespace { fixture in
            let result = try await fixture.run(
                "produce", "--stream", "products", "--ids", input: .text("1\n\u{FEFF}2\n"))
            result.expect(.badData)
            #expect(result.errors.contains("redstream: line 2 is invalid: it begins with U+FEFF (byte order mark)\n"))
            #expect(try await fixture.payloads() == [#"{"id":1}"#])
        }
    }

    @Test(arguments: [["produce", "--stream", "products"], ["produce", "--stream", "products", "--ids"]])
    func utf16IsRefusedAsAWhole(arguments: [String]) async throws {
        try await withNamespace { fixture in
            for bytes in [[0xFF, 0xFE, 0x34, 0, 0x0A, 0], [0xFE, 0xFF, 0, 0x34, 0, 0x0A]] as [[UInt8]] {
                let result = try await ToolProcess.run(
                    arguments + ["--invalid", "skip"], environment: fixture.toolEnvironment, input: .bytes(bytes))
                result.expect(.badData)
                #expect(result.errors.contains("the input is UTF-16\nhint: iconv -f UTF-16 -t UTF-8 "))
            }
            #expect(try await fixture.length(fixture.keys.stream("products")) == 0)
        }
    }

    @Test(arguments: invisible)
    func idsWithInvisibleEndsAreRefused(scalar: Unicode.Scalar) throws {
        for id in ["42\(scalar)", "\(scalar)42", "\(scalar)"] {
            var batch = OutgoingBatch(keys: ["k"])
            var text = id
            let problem = text.withUTF8 { text in
                #expect(throws: InvisibleText.self) { try LineFormat.id(nil).append(text, to: &batch) }
            }
            let number = String(scalar.value, radix: 16, uppercase: true)
            #expect(
                problem?.description.contains("U+\(String(repeating: "0", count: 4 - number.utf8.count))\(number)")
                    == true)
            #expect(batch.count == 0)
        }
    }

    @Test(arguments: ["4\u{0}2", "4\t2", "4\r43\r44", "a\u{1B}b"])
    func idsThatHoldAControlCharacterAreRefused(id: String) {
        var id = id
        #expect(id.withUTF8(InvisibleText.inID)?.description.hasPrefix("it holds U+00") == true)
    }

    @Test(arguments: ["42", " 42 ", "a b", "é", "日本", "❤\u{FE0F}", "👩\u{200D}🚀", "a\u{200D}b", "x\u{AD}y", "e\u{301}"])
    func idsThatCanBeMeantAreTaken(id: String) throws {
        var batch = OutgoingBatch(keys: ["k"])
        var id = id
        try id.withUTF8 { try LineFormat.id(nil).append($0, to: &batch) }
        #expect(batch.count == 1)
    }

    @Test func idsGivenAsArgumentsAreRefusedToo() async throws {
        try await withNamespace { fixture in
            for command in [["produce", "--stream", "products", "--ids"], ["shard-of", "--shards", "16"]] {
                let result = try await ToolProcess.run(
                    command + ["42\u{A0}"], environment: fixture.toolEnvironment)
                result.expect(.badData)
                #expect(
                    result.errors.contains(
                        "argument 1 is invalid: it ends with U+00A0 (no-break space)\nhint: remove it"))
                #expect(result.output.isEmpty)
            }
            #expect(try await fixture.length(fixture.keys.stream("products")) == 0)
        }
    }

    @Test func shardOfReadsLinesAsProduceDoes() async throws {
        let input: [UInt8] = [0xEF, 0xBB, 0xBF] + Array(" 42\r\n\r\n43\r\n".utf8)
        let result = try await ToolProcess.run(["shard-of", "--shards", "16", "-o", "json"], input: .bytes(input))
        result.expect(.done)
        #expect(result.lines.map { $0.prefix(11) } == [#"{"id":"42","#, #"{"id":"43","#])
        for bad in [[0xFF, 0xFE, 0x34, 0], Array("4\u{0}2\n".utf8), [0x61, 0xE9]] as [[UInt8]] {
            let refused = try await ToolProcess.run(["shard-of", "--shards", "16"], input: .bytes(bad))
            refused.expect(.badData)
            #expect(refused.output.isEmpty)
        }
    }

    @Test func scriptsOfTheShellMayBeginWithAByteOrderMark() async throws {
        try await withNamespace { fixture in
            let directory = try TemporaryDirectory()
            let path = "\(directory.path)/script"
            try Data([0xEF, 0xBB, 0xBF] + Array("ECHO one\r\nECHO two\r\n".utf8)).write(to: URL(fileURLWithPath: path))
            for result in [
                try await fixture.run("shell", "--file", path),
                try await fixture.run("shell", input: .text("\u{FEFF}ECHO one\nECHO two\n")),
            ] {
                result.expect(.done)
                #expect(result.output == "one\ntwo\n")
                #expect(result.errors.contains(" begins with a byte order mark, which is left out\n"))
            }
            try Data([0xFF, 0xFE, 0x50, 0, 0x0A, 0]).write(to: URL(fileURLWithPath: path))
            let refused = try await fixture.run("shell", "--file", path)
            refused.expect(.badData)
            #expect(refused.errors.contains("\(path) is UTF-16\nhint: iconv "))
        }
    }

    @Test(arguments: [
        ["inspect-offsets", "--stream", "products\u{200B}"], ["produce", "--stream", "\u{FEFF}products", "1"],
        ["consume", "--stream", "products", "--name", "indexer\u{A0}", "--count", "1"],
        ["inspect-offsets", "--consumer", "c\u{200E}"], ["inspect-offsets", "--namespace", "shop\r"],
        ["trim", "--stream", "products", "--consumers", "a,b\u{2028}"],
        ["seek", "--stream", "products", "--name", "x", "--to", "committed:y\u{AD}"],
        ["dead-letters", "list", "--stream", "products", "--consumer", "x\u{200D}"],
        ["forget", "--stream", "products\r", "--name", "x"],
        ["delay", "--stream", "products\u{2060}", "--delay", "1s"],
        ["shell", "-c", "use products\u{200B}"], ["shell", "-c", "namespace shop\u{200B}"],
    ])
    func namesWithInvisibleEndsAreRefused(arguments: [String]) async throws {
        let result = try await ToolProcess.runWithoutServer(arguments)
        result.expect(.usage)
        #expect(result.errors.contains(" with U+"), "\(result.errors)")
        #expect(result.errors.contains(#"if the name really has it, write \x"#), "\(result.errors)")
    }

    @Test func aNamespaceOfTheEnvironmentIsRefusedToo() async throws {
        let result = try await ToolProcess.run(["inspect-offsets"], environment: ["REDSTREAM_NAMESPACE": "shop\r"])
        result.expect(.usage)
        #expect(result.errors.hasPrefix("redstream: REDSTREAM_NAMESPACE is invalid: it ends with U+000D"))
    }

    @Test func aNameThatHasInvisibleEndsIsShownAndTakenBack() async throws {
        try await withNamespace { fixture in
            let name = "\u{FEFF}a b\u{200B}"
            try await fixture.add(numbered: 1...2, to: fixture.keys.stream(name))
            let shown = #"\xef\xbb\xbfa b\xe2\x80\x8b"#
            #expect(try await fixture.run("inspect-offsets").output.contains(shown))
            let result = try await fixture.run("seek", "--stream", shown, "--name", "x", "--to", "latest")
            result.expect(.done)
            #expect(result.output.contains("undo: redstream forget --stream '\(shown)' --name x"))
        }
    }

    @Test(
        arguments: [
            ([0xFF, 0xFE, 0x70, 0], "is UTF-16"), ([0x70, 0xE9], "is not UTF-8"),
            (Array("s3kret\u{A0}".utf8), "ends with U+00A0"), (Array("\u{200B}s3kret".utf8), "begins with U+200B"),
            (Array("s3\0kret\0".utf8), "ends with U+0000"),
        ] as [([UInt8], String)])
    func aPasswordThatNobodyTypedIsRefused(bytes: [UInt8], reason: String) async throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/password"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let result = try await ToolProcess.runWithoutServer(["inspect-offsets", "--password-file", path])
        result.expect(.usage)
        #expect(result.errors.contains("the password file \(path) "))
        #expect(result.errors.contains(reason), "\(result.errors)")
    }

    @Test func byteOrderMarkOfAPasswordFileIsLeftOut() async throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/password"
        try Data(Array("\u{FEFF}s3kret\r\n".utf8)).write(to: URL(fileURLWithPath: path))
        try await RedisServer.with(.init(password: "s3kret")) { server in
            let result = try await ToolProcess.run(
                ["inspect-offsets", "--url", "unix://\(server.socketPath)", "--password-file", path])
            result.expect(.done)
            #expect(result.errors.contains("the password file \(path) begins with a byte order mark"))
        }
    }

    @Test func savedRecordsWithoutTheirOptionAreSuspected() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...2, to: fixture.keys.stream("products"))
            let saved = try await fixture.run("consume", "--stream", "products", "--exit-at-end", "-o", "json").output
            let result = try await fixture.run("produce", "--stream", "copy", input: .text(saved))
            result.expect(.done)
            #expect(
                result.errorsBesidesNew
                    == "redstream: line 1 is a record as consume -o json prints it, and is written as a payload\n"
                    + "hint: --records restores the entry that the record describes\n")
            #expect(try await fixture.run("produce", "--stream", "copy", "--records", input: .text(saved)).errors == "")
            let others = #"{"id":1,"stream":"s"}"# + "\n" + saved
            #expect(try await fixture.run("produce", "--stream", "copy", input: .text(others)).errors == "")
        }
    }
}
