import LineEditing
import Testing

struct LineTokenizerTests {
    private func words(_ text: String) throws -> [String] {
        try LineTokenizer.command(in: Array(text.utf8)).words.map(\.text)
    }

    @Test(arguments: [
        ("", []), ("  a\t b  ", ["a", "b"]), ("'a b' c", ["a b", "c"]), (#""a\"b""#, [#"a"b"#]),
        (#"'it\'s'"#, ["it's"]), (#"'\n'"#, [#"\n"#]), (#""\n\t\r""#, ["\n\t\r"]), (#""\x41\x62""#, ["Ab"]),
        (#"'a'\''b'"#, ["a'b"]), (#"a\ b"#, ["a b"]), (#"C:\x"#, [#"C:\x"#]), (#"{"id":1}"#, ["{id:1}"]),
        ("''", [""]), ("# comment", []), ("a #b", ["a", "#b"]), ("a|b", ["a|b"]),
    ])
    func splitsAsTheShellsDo(line: String, expected: [String]) throws {
        #expect(try words(line) == expected)
    }

    @Test func keepsBytesThatAreNoText() throws {
        let command = try LineTokenizer.command(in: Array(#"SET "\xff\x00""#.utf8))
        #expect(command.words.map(\.bytes) == [Array("SET".utf8), [0xFF, 0]])
    }

    @Test func leavesWhatStandsBehindAPipeAlone() throws {
        let command = try LineTokenizer.command(in: Array("KEYS * | awk '{print $1}' | sort".utf8))
        #expect(command.words.map(\.text) == ["KEYS", "*"])
        #expect(command.pipedInto.map { String(decoding: $0, as: UTF8.self) } == " awk '{print $1}' | sort")
    }

    @Test func takesEachLineForACommandUnlessAQuoteIsOpen() throws {
        let commands = try LineTokenizer.commands(in: Array("a 1\n\n# no\nb '2\n3'\n".utf8))
        #expect(commands.map { $0.words.map(\.text) } == [["a", "1"], ["b", "2\n3"]])
    }

    @Test(arguments: [
        ("SET 'abc", 1, 5, true), (#"SET a "\xg1""#, 1, 8, false), ("a\nb \"c", 2, 3, true), ("é 'x", 1, 3, true),
        (#""\x4"#, 1, 2, false),
    ])
    func pointsAtTheColumnOfAnError(text: String, line: Int, column: Int, isOpen: Bool) {
        do throws(TokenizerError) {
            _ = try LineTokenizer.commands(in: Array(text.utf8))
            Issue.record("nothing was wrong with \(text)")
        } catch {
            #expect((error.line, error.column) == (line, column))
            #expect(LineTokenizer.isOpen(Array(text.utf8)) == isOpen)
        }
    }

    @Test(arguments: [
        ("", [""]), ("se", ["se"]), ("seek ", ["seek", ""]), ("seek --st", ["seek", "--st"]),
        ("GET 'a b", ["GET", "a b"]),
        ("GET 'a ", ["GET", "a "]), (#"GET "\x"#, ["GET", "x"]), ("PING\nGE", ["GE"]),
    ])
    func tellsTheWordsOfALineThatIsStillTyped(text: String, expected: [String]) {
        #expect(LineTokenizer.partialWords(in: Array(text.utf8)).words.map(\.text) == expected)
    }

    @Test func survivesArbitraryBytes() {
        var generator = SystemRandomNumberGenerator()
        let pieces: [[UInt8]] = ["\"", "'", "\\", "\\x", "\\x4", " ", "|", ">", "\n", "#", "a"].map { Array($0.utf8) }
        for _ in 0..<20_000 {
            var text: [UInt8] = []
            for _ in 0..<Int.random(in: 0..<24, using: &generator) {
                if Bool.random(using: &generator) {
                    text.append(UInt8.random(in: .min ... .max, using: &generator))
                } else {
                    text += pieces.randomElement(using: &generator) ?? []
                }
            }
            do throws(TokenizerError) {
                let commands = try LineTokenizer.commands(in: text)
                #expect(commands.allSatisfy { $0.end <= text.count })
                #expect(commands.allSatisfy { $0.words.allSatisfy { text.indices.contains($0.start) } })
            } catch {
                #expect(error.column >= 1 && error.column <= text.count + 1, "\(text)")
            }
            let partial = LineTokenizer.partialWords(in: text)
            #expect(partial.words.allSatisfy { $0.start <= text.count })
            _ = LineTokenizer.isOpen(text)
        }
    }
}
