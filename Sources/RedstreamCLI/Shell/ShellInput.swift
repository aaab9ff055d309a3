import LineEditing

/// One command of the shell: words, and where its output goes.
struct ShellInput: Sendable, Equatable {
    /// Where output goes.
    enum Target: Sendable, Equatable {
        case screen
        case file(String, appends: Bool)
        case command(String)
    }

    /// The words, as bytes.
    var words: [[UInt8]]
    var target = Target.screen

    init(words: [[UInt8]], target: Target = .screen) {
        self.words = words
        self.target = target
    }

    /// Takes `> file` and `| command` off the words.
    ///
    /// XREADGROUP has a `>` of its own: there it is never a redirection.
    ///
    /// - Throws: ``Failure`` for a pipe into nothing.
    init(_ command: LineTokenizer.Command) throws {
        var words = command.words
        target = .screen
        if let piped = command.pipedInto {
            let text = String(decoding: piped, as: UTF8.self).trimmingBlanks
            guard !text.isEmpty, !words.isEmpty else {
                throw Failure(.usage, "a | stands between a command and a shell command")
            }
            target = .command(text)
        } else if words.first?.text.lowercased() != "xreadgroup", let redirection = Self.redirection(in: words) {
            target = redirection.target
            words.removeLast(redirection.count)
        }
        self.words = words.map(\.bytes)
    }

    private static func redirection(in words: [LineTokenizer.Word]) -> (target: Target, count: Int)? {
        guard words.count > 1, let last = words.last else { return nil }
        let operators = [">>", ">"]
        if words.count > 2, let mark = operators.first(where: { $0 == words[words.count - 2].text }),
            !words[words.count - 2].isQuoted
        {
            return (.file(last.text, appends: mark == ">>"), 2)
        }
        guard !last.isQuoted, let mark = operators.first(where: { last.text.hasPrefix($0) && last.text != $0 }),
            !last.text.dropFirst(mark.count).contains(">")
        else { return nil }
        return (.file(String(last.text.dropFirst(mark.count)), appends: mark == ">>"), 1)
    }

    /// The words as text; those that are no UTF-8 are repaired.
    var texts: [String] { words.map { String(decoding: $0, as: UTF8.self) } }
}

extension String {
    /// The text without blanks at its ends.
    var trimmingBlanks: String {
        String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }
}
