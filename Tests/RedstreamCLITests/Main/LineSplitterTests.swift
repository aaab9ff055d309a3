import Testing

@testable import RedstreamCLI

/// Lines from chunks, however the chunks fall.
@Suite struct LineSplitterTests {
    private func lines(of chunks: [[UInt8]], limit: Int = LineSplitter.longest) throws -> [String] {
        var splitter = LineSplitter(limit: limit)
        var lines: [String] = []
        func take(_ line: UnsafeBufferPointer<UInt8>, _ number: Int) {
            lines.append("\(number):\(String(decoding: line, as: UTF8.self))")
        }
        for chunk in chunks { try splitter.split(chunk, take) }
        splitter.finish(take)
        return lines
    }

    @Test(
        arguments: [
            ("", []), ("\n", ["1:"]), ("a", ["1:a"]), ("a\n", ["1:a"]), ("a\nb", ["1:a", "2:b"]),
            ("a\r\nb\r\n", ["1:a", "2:b"]), ("a\n\nb\n", ["1:a", "2:", "3:b"]), ("a\rb\n", ["1:a\rb"]),
            ("\r\n", ["1:"]),
            ("é\n€", ["1:é", "2:€"]),
        ] as [(String, [String])])
    func theSameLinesComeFromAnyCutsOfTheText(text: String, expected: [String]) throws {
        let bytes = Array(text.utf8)
        #expect(try lines(of: [bytes]) == expected)
        #expect(try lines(of: bytes.map { [$0] }) == expected)
        for cut in 0...bytes.count {
            #expect(try lines(of: [Array(bytes[..<cut]), Array(bytes[cut...])]) == expected)
        }
    }

    @Test func aLongLineFromManyChunksIsWhole() throws {
        let chunk = [UInt8](repeating: UInt8(ascii: "x"), count: 1000)
        let found = try lines(of: Array(repeating: chunk, count: 3000) + [Array("\nend".utf8)])
        #expect(found.count == 2)
        #expect(found.first?.utf8.count == 3_000_002)
    }

    @Test func lineWithoutAnEndIsRefusedByItsNumber() throws {
        #expect(try lines(of: [Array("a\nbcd".utf8)], limit: 3) == ["1:a", "2:bcd"])
        let error = #expect(throws: LineTooLong(number: 2, limit: 3)) {
            try lines(of: [Array("a\nbcde".utf8)], limit: 3)
        }
        let failure = error.map { Failure($0, while: "cannot produce") }
        #expect(failure?.message == "line 2 is longer than 3 bytes, the most that Redis takes")
        #expect(failure?.code == .badData)
    }
}
