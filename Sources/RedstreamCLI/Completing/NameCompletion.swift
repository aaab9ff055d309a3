import ArgumentParser
import RedisClient
import Redstream

/// Completes the names of streams and consumers in a shell, by asking the server that the line names.
enum NameCompletion {
    /// The streams that applications write.
    static var streams: CompletionKind {
        complete { directory, _ in Set(directory.primaryStreams + directory.delayedStreams) }
    }

    /// Every stream, delay and dead-letter streams included.
    static var allStreams: CompletionKind {
        complete { directory, _ in Set(directory.streams) }
    }

    /// The consumers of the line's stream; all where it names none.
    static var consumers: CompletionKind {
        complete { directory, line in names(in: directory, line) }
    }

    /// A list of consumers, separated by commas.
    static var consumerList: CompletionKind {
        complete { directory, line in
            let taken = line.prefix.split(separator: ",", omittingEmptySubsequences: false).dropLast()
            let start = taken.map { $0 + "," }.joined()
            return Set(names(in: directory, line).filter { !taken.contains(Substring($0)) }.map { start + $0 })
        }
    }

    /// Positions in a stream that have a word.
    static var positions: CompletionKind {
        complete { directory, line in
            Set(["earliest", "latest"] + names(in: directory, line).map { "committed:\($0)" })
        }
    }

    private static func names(in directory: StreamDirectory, _ line: CompletionLine) -> Set<String> {
        let stream = line.value(of: "--stream")
        return Set(directory.consumers.filter { stream == nil || $0.stream == stream }.map(\.name))
    }

    private static func complete(
        _ choose: @escaping @Sendable (StreamDirectory, CompletionLine) -> Set<String>
    ) -> CompletionKind {
        .custom { words, _, prefix in
            let line = CompletionLine(words: words, prefix: prefix)
            guard let names = line.liveNames(in: .process()), let directory = names.directory() else { return [] }
            return choose(directory, line).sorted().compactMap { spelled($0, for: CompletionShell.requesting) }
        }
    }

    /// A name as the shell's script must get it to mean itself; nil for one that cannot be typed.
    ///
    /// The script for bash has the names expanded as words of the shell: unquoted, a stream's name could run commands.
    static func spelled(_ name: String, for shell: CompletionShell?) -> String? {
        guard !name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else { return nil }
        switch shell {
        case .bash: return ShellText.quoted(name)
        case .zsh: return name.replacing("\\", with: "\\\\").replacing(":", with: "\\:")
        default: return name
        }
    }
}

/// A command line that is being typed, as a shell splits it into words.
struct CompletionLine: Sendable {
    /// All words, from the program's name on; quotes stand as they were typed.
    let words: [String]
    /// What stands before the cursor in the word to complete.
    let prefix: String

    /// The value that an option has so far.
    func value(of option: String) -> String? {
        if let word = words.last(where: { $0.hasPrefix(option + "=") }) {
            return Self.unquoted(word.dropFirst(option.count + 1))
        }
        guard let place = words.lastIndex(of: option), place + 1 < words.count else { return nil }
        return Self.unquoted(words[place + 1][...])
    }

    /// The server that the line, or the environment, names; nil where that makes no sense yet.
    func liveNames(in context: CommandContext) -> LiveNames? {
        let arguments = ["--url", "--namespace", "--password-file"].flatMap { option in
            value(of: option).map { [option, $0] } ?? []
        }
        guard let options = try? ConnectionOptions.parse(arguments), options.canBeReadAgain,
            let configuration = try? options.configuration(in: context)
        else { return nil }
        return LiveNames(configuration, Keyspace(namespace: options.namespace(in: context)))
    }

    /// A word without the quotes and backslashes that protect it from the shell.
    private static func unquoted(_ word: Substring) -> String {
        var text = ""
        var quote: Character?
        var isEscaped = false
        for character in word {
            if isEscaped {
                text.append(character)
                isEscaped = false
            } else if character == "\\", quote != "'" {
                isEscaped = true
            } else if character == quote {
                quote = nil
            } else if quote == nil, character == "'" || character == "\"" {
                quote = character
            } else {
                text.append(character)
            }
        }
        return text
    }
}
