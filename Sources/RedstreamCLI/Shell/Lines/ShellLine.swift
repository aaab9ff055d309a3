import LineEditing
import Redstream

/// One command of the shell, parsed once: what is to run, and where its output goes.
struct ShellLine: Sendable {
    /// The target of output.
    enum Target: Sendable, Equatable {
        case screen
        case file(String, appends: Bool)
        case command(String)
    }

    /// A command, by the part of the program that runs it.
    indirect enum Command: Sendable {
        /// A command of the shell itself, with its arguments.
        case builtin(ShellBuiltin, [String])
        /// A command of the tool, with the stream and the format that the session supplies.
        case ours(CommandLine)
        case redis(RedisWords)
        case watch(Watch)
        case repeated(Int, Command)
    }

    let command: Command
    private(set) var target = Target.screen

    /// Parses a command, after `> file` or `| command` is taken off its words.
    ///
    /// XREADGROUP has a `>` of its own: there it is never a redirection.
    ///
    /// - Parameters:
    ///   - line: The words.
    ///   - grammar: The commands of the tool.
    ///   - state: The settings of the session now.
    /// - Throws: ``Failure`` for a pipe into nothing, words that are not UTF-8 where they must be, and wrong use of the
    ///   shell's own commands. The tool's own say themselves what is wrong when they run.
    init(_ line: LineTokenizer.Command, _ grammar: CommandGrammar, _ state: ShellSession.State) throws {
        var words = line.words
        if let piped = line.pipedInto {
            let text = try Self.text(piped, called: "the shell command").trimmingBlanks
            guard !text.isEmpty, !words.isEmpty else {
                throw Failure(.usage, "a | stands between a command and a shell command")
            }
            target = .command(text)
        } else if words.first?.text.lowercased() != "xreadgroup", let redirection = try Self.redirection(in: words) {
            target = redirection.target
            words.removeLast(redirection.count)
        }
        command = try Command(words.map(\.bytes), grammar, state)
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

    /// Returns a name for the system as it was typed; repaired, it would name another file.
    private static func text(_ bytes: [UInt8], called what: String) throws(Failure) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Failure(.usage, "\(what) is not UTF-8: \(NameText.text(ofBytes: bytes))")
        }
        return text
    }
}

/// The words of a command of Redis, which may be any bytes.
struct RedisWords: Sendable {
    let bytes: [[UInt8]]
    /// The words as text; those that are not UTF-8 are repaired.
    let texts: [String]

    init(_ bytes: [[UInt8]]) {
        self.bytes = bytes
        texts = bytes.map { String(decoding: $0, as: UTF8.self) }
    }

    /// True if the text is all that the words are; otherwise it names other keys.
    var isExact: Bool { zip(bytes, texts).allSatisfy { $0.elementsEqual($1.utf8) } }
}

extension ShellLine.Command {
    init(_ words: [[UInt8]], _ grammar: CommandGrammar, _ state: ShellSession.State) throws {
        let (texts, rest) = (RedisWords(words).texts, Array(words.dropFirst()))
        if let count = Int(texts[0]), !rest.isEmpty {
            guard count > 0 else { throw Failure(.usage, "a number before a command says how often: at least 1") }
            self = .repeated(count, try Self(rest, grammar, state))
        } else if let builtin = ShellBuiltin(rawValue: texts[0]),
            builtin != .watch || WatchArguments.areMeant(by: texts.dropFirst())
        {
            self = try Self(builtin, rest, grammar, state)
        } else if grammar.hasCommand(texts[0]) {
            let texts = try Self.texts(words)
            if let refusal = grammar.command(in: texts).command.tool?.refusalInShell { throw refusal }
            self = .ours(
                CommandLine(grammar.completed(texts, with: [("stream", state.stream), ("output", state.output)])))
        } else {
            self = .redis(RedisWords(words))
        }
    }

    private init(
        _ builtin: ShellBuiltin, _ words: [[UInt8]], _ grammar: CommandGrammar, _ state: ShellSession.State
    ) throws {
        let texts = RedisWords(words).texts
        switch builtin {
        case _ where texts == ["--help"] || texts == ["-h"]: self = .builtin(.help, [builtin.rawValue])
        case .redis:
            guard !words.isEmpty else { throw builtin.usage }
            self = .redis(RedisWords(words))
        case .watch: self = .watch(try Watch(words) { try Self($0, grammar, state) })
        default:
            let texts = try Self.texts(words)
            guard texts.count <= builtin.mostWords ?? texts.count else { throw builtin.surplus(texts.count) }
            self = .builtin(builtin, texts)
        }
    }

    /// Returns words as text.
    ///
    /// - Throws: ``Failure`` for a word that is not UTF-8.
    private static func texts(_ words: [[UInt8]]) throws(Failure) -> [String] {
        var texts: [String] = []
        for word in words {
            guard let text = String(validating: word, as: UTF8.self) else {
                let name = NameText.text(ofBytes: word)
                throw Failure(
                    .usage, "an argument is not UTF-8: \(name)",
                    hint: "in a name, write the byte as an escape: '\(name)'; commands of Redis take any bytes")
            }
            texts.append(text)
        }
        return texts
    }
}
