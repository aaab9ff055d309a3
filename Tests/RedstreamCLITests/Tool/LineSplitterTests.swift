import Testing

@testable import RedstreamCLI

/// Lines from chunks, however the chunks fall.
@Suite struct LineSplitterTests {
    private func lines(of chunks: [[UInt8]]) -> [String] {
        var splitter = LineSplitter()
        var lines: [String] = []
        func take(_ line: UnsafeBufferPointer<UInt8>, _ number: Int) {
            lines.append("\(number):\(String(decoding: line, as: UTF8.self))")
        }
        for chunk in chunks { splitter.split(chunk, take) }
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
    func theSameLinesComeFromAnyCutsOfTheText(text: String, expected: [String]) {
        let bytes = Array(text.utf8)
        #expect(lines(of: [bytes]) == expected)
        #expect(lines(of: bytes.map { [$0] }) == expected)
        for cut in 0...bytes.count {
            #expect(lines(of: [Array(bytes[..<cut]), Array(bytes[cut...])]) == expected)
        }
    }

    @Test func aLongLineFromManyChunksIsWhole() {
        let chunk = [UInt8](repeating: UInt8(ascii: "x"), count: 1000)
        let found = lines(of: Array(repeating: chunk, count: 3000) + [Array("\nend".utf8)])
        #expect(found.count == 2)
        #expect(found.first?.utf8.count == 3_000_002)
    }
}
