import LineEditing

@testable import RedstreamCLI

extension FuzzTarget {
    /// Input in pieces of any size, cut into lines.
    static let lines = FuzzTarget(name: "lines") { input in
        var input = input
        var splitter = LineSplitter()
        var lines: [[UInt8]] = []
        let take: LineSplitter.Taker = { line, number in
            lines.append(Array(line))
            require(number == lines.count, "lines are counted from 1")
        }
        do {
            for chunk in input.takeChunks() { try splitter.split(Array(chunk), take) }
            try splitter.finish(take)
        } catch {
            preconditionFailure("what takes the lines throws nothing: \(error)")
        }
        var expected = input.array.split(separator: 10, omittingEmptySubsequences: false)
        if expected.last?.isEmpty == true { expected.removeLast() }
        require(lines == expected.map { Array($0.last == 13 ? $0.dropLast() : $0) }, "every line is found, once")
    }

    /// A line of the shell, cut into commands and words.
    static let words = FuzzTarget(name: "words") { input in
        let text = input.array
        let partial = LineTokenizer.partialWords(in: text)
        require(partial.words.allSatisfy { (0...text.count).contains($0.start) }, "words stand in the text")
        do throws(TokenizerError) {
            for command in try LineTokenizer.commands(in: text) {
                let places = command.words.map(\.start)
                require(zip(places, places.dropFirst()).allSatisfy(<), "words are in order")
                require(places.allSatisfy { $0 < command.end }, "words stand before the end of their command")
                require(command.end <= text.count, "a command ends in the text")
            }
            require(!LineTokenizer.isOpen(text), "what can be read is complete")
        } catch {
            require(error.line >= 1 && error.column >= 1, "a place is counted from 1")
        }
        let name = String(decoding: text, as: UTF8.self)
        let quoted = Array(ShellText.quotedForOwnShell(name).utf8)
        let words = try? LineTokenizer.command(in: quoted).words
        require(words?.map(\.text) == [name], "a quoted name is one word, and reads back")
    }
}
