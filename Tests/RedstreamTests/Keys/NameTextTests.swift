import RedstreamConnection
import TestSupport
import Testing

@testable import Redstream

/// Names are bytes to Redis; as text, each is another one.
@Suite struct NameTextTests {
    @Test(
        arguments: [
            ("products", "products"), ("é", "é"), ("caf\u{FFFD}", "caf\u{FFFD}"), (#"a\b"#, #"a\b"#), (#"\x"#, #"\x"#),
            // Only a backslash that would begin an escape is written as one.
            (#"\xe9"#, #"\x5cxe9"#), (#"\\xe9"#, #"\\x5cxe9"#), (#"\xgg"#, #"\xgg"#),
        ])
    func textOfUTF8IsTheNameItself(name: String, text: String) {
        #expect(NameText.text(ofBytes: name.utf8) == text)
        #expect(NameText.bytes(of: text) == Array(name.utf8))
    }

    @Test(
        arguments: [
            ([0x63, 0xE9], #"c\xe9"#), ([0xFF], #"\xff"#), ([0xC3, 0xA9, 0xC3], #"é\xc3"#),
            ([0xED, 0xA0, 0x80], #"\xed\xa0\x80"#), ([0x5C, 0xE9], #"\\xe9"#), ([0x3A, 0xCC, 0x3A], #":\xcc:"#),
        ] as [([UInt8], String)])
    func textOfOtherBytesIsEscaped(bytes: [UInt8], text: String) {
        #expect(NameText.text(ofBytes: bytes) == text)
        #expect(NameText.bytes(of: text) == bytes)
    }

    @Test func bytesComeBackFromTheirText() {
        var generator = SeededGenerator(state: 7)
        let alphabet = Array(#"\xae95c"#.utf8) + [0x80, 0xC3, 0xA9, 0xE9, 0xFF, 0x3A]
        for _ in 0..<5000 {
            let length = Int.random(in: 0...12, using: &generator)
            let bytes = (0..<length).map { _ in alphabet.randomElement(using: &generator) ?? 0 }
            let text = NameText.text(ofBytes: bytes)
            #expect(NameText.bytes(of: text) == bytes, "\(bytes)")
            #expect(NameText.canonical(text) == text)
        }
    }

    @Test(arguments: [(#"\xE9"#, #"\xe9"#), (#"\x41"#, "A"), (#"\xc3\xa9"#, "é"), (#"\x5c"#, "\\")])
    func anotherSpellingIsTheSameName(text: String, canonical: String) {
        #expect(NameText.canonical(text) == canonical)
        #expect(ConsumerName(stream: text, name: text) == ConsumerName(stream: canonical, name: canonical))
        #expect(Keyspace(namespace: text) == Keyspace(namespace: canonical))
        #expect(Keyspace().stream(text) == Keyspace().stream(canonical))
    }

    @Test func keysHoldTheBytesOfNames() {
        let keys = Keyspace(namespace: #"n\xff"#)
        let bytes = Array("n".utf8) + [0xFF] + Array(":redstream:stream:caf".utf8) + [0xE9]
        #expect(keys.stream(#"caf\xe9"#) == RedisKey(bytes: bytes))
        #expect(keys.delayStream(#"caf\xe9"#) == RedisKey(bytes: bytes + Array(".delay".utf8)))
        #expect(keys.stream(#"caf\xe9"#).name(after: keys.stream("")) == #"caf\xe9"#)
    }

    @Test func keysThatDifferInOneByteAreTwoStreams() async throws {
        try await withNamespace { fixture in
            let names = [#"caf\xe8"#, #"caf\xe9"#, "caf\u{FFFD}"]
            for name in names {
                try await fixture.add("1", to: fixture.keys.stream(name))
                try await fixture.redis("SET", fixture.keys.offset(ConsumerName(stream: name, name: "c")), "0-0")
            }
            let directory = try await fixture.client.directory()
            #expect(directory.streams.map { Array($0.utf8) } == names.map { Array($0.utf8) })
            #expect(directory.consumers == names.map { ConsumerName(stream: $0, name: "c") })
            let report = try await Inspector(fixture.client).report()
            #expect(report.consumers.map(\.lag) == names.map { _ in EntryCount(1) })
        }
    }

    @Test func namesThatLookAlikeAreTwoConsumers() async throws {
        try await withNamespace { fixture in
            let names = ["e\u{301}", "é"]
            for (number, name) in names.enumerated() {
                try await fixture.add(numbered: 1...3, to: fixture.keys.stream(name))
                for (other, consumer) in names.enumerated() {
                    let offset = "\(number + other)-0"
                    try await fixture.redis(
                        "SET", fixture.keys.offset(ConsumerName(stream: name, name: consumer)), offset)
                }
            }
            let report = try await Inspector(fixture.client).report()
            #expect(report.streams.map { Array($0.stream.utf8) } == names.map { Array($0.utf8) })
            #expect(report.consumers.map(\.lag?.value) == [3, 2, 2, 1])
            let one = try await Inspector(fixture.client, options: .init(stream: "é", consumer: "é")).report()
            #expect(one.consumers.map(\.lag?.value) == [1])
        }
    }

    @Test func trimSparesWhatTheOneOfTwoThatLookAlikeLacks() async throws {
        try await withNamespace { fixture in
            let stream = fixture.keys.stream("products")
            try await fixture.add(numbered: 1...3, to: stream)
            for (consumer, offset) in [("e\u{301}", "3-0"), ("é", "1-0")] {
                try await fixture.redis(
                    "SET", fixture.keys.offset(ConsumerName(stream: "products", name: consumer)), offset)
            }
            let policy = TrimPolicy(consumers: .found)
            try await Trimmer(fixture.client, streams: .named(["products"]), policy: policy).runOnce()
            #expect(try await fixture.length(stream) == 2)
        }
    }

    @Test func aByteThatIsNotUTF8IsAQuestionMarkInAPattern() {
        #expect(#"a*\xe9"#.escapedForGlob == #"a\*?"#)
        #expect(RedisKey("a*").escapedForGlob == #"a\*"#)
    }
}
