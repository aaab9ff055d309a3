import LineEditing
import Redstream

/// One command of the shell: words, and where its output goes.
struct ShellInput: Sendable, Equatable {
    /// The target of output.
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
    /// - Throws: ``Failure`` for a pipe into nothing, and for a file or a shell command that is not UTF-8.
    init(_ command: LineTokenizer.Command) throws {
        var words = command.words
        target = .screen
        if let piped = command.pipedInto {
            let text = try Self.text(piped, called: "the shell command").trimmingBlanks
            guard !text.isEmpty, !words.isEmpty else {
                throw Failure(.usage, "a | stands between a command and a shell command")
            }
            target = .command(text)
        } else if words.first?.text.lowercased() != "xreadgroup", let redirection = try Self.redirection(in: words) {
            target = redirection.target
            words.removeLast(redirection.count)
        }
        self.words = words.map(\.bytes)
    }

    private static func redirection(in words: [LineTokenizer.Word]) throws(Failure) -> (target: Target, count: Int)? {
        guard words.count > 1, let last = words.last else { return nil }
        let mark = words[words.count - 2]
        if words.count > 2, !mark.isQuoted, [">", ">>"].contains(mark.text) {
            return (.file(try text(last.bytes, called: "the file"), appends: mark.text == ">>"), 2)
        }
        let name = last.bytes.drop { $0 == UInt8(ascii: ">") }
        let length = last.bytes.count - name.count
        guard !last.isQuoted, (1...2).contains(length), !name.isEmpty, !name.contains(UInt8(ascii: ">")) else {
            return nil
        }
        return (.file(try text(Array(name), called: "the file"), appends: length == 2), 1)
    }

    /// Returns what the system is to be given as it was typed, and not repaired: it would be another file.
    private static func text(_ bytes: [UInt8], called what: String) throws(Failure) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Failure(.usage, "\(what) is not UTF-8: \(NameText.text(ofBytes: bytes))")
        }
        return text
    }

    /// The words as text; those that are no UTF-8 are repaired.
    var texts: [String] { words.map { String(decoding: $0, as: UTF8.self) } }
}

extension String {
    /// The text without blanks at its ends.
    var trimmingBlanks: String {
        let scalars = unicodeScalars.drop(while: \.properties.isWhitespace)
        let end = scalars.lastIndex { !$0.properties.isWhitespace }
        return end.map { String(scalars[...$0]) } ?? ""
    }
}
