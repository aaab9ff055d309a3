import ArgumentParser
import Redstream
import RedstreamConnection

/// Completes the names of streams and consumers in a shell, by asking the server that the line names.
enum NameCompletion {
    /// The streams that applications write.
    static var streams: CompletionKind {
        complete { directory, _ in directory.primaryStreams + directory.delayedStreams }
    }

    /// Every stream, delay and dead-letter streams included.
    static var allStreams: CompletionKind {
        complete { directory, _ in directory.streams }
    }

    /// The consumers of the line's stream; all where it names none.
    static var consumers: CompletionKind {
        complete { directory, line in names(in: directory, line) }
    }

    /// A list of consumers, separated by commas.
    static var consumerList: CompletionKind {
        complete { directory, line in
            let taken = line.prefix.unicodeScalars.split(separator: ",", omittingEmptySubsequences: false).dropLast()
                .map(String.init)
            let start = taken.map { $0 + "," }.joined()
            return names(in: directory, line).filter { !taken.contains($0) }.map { start + $0 }
        }
    }

    /// Positions in a stream that have a word.
    static var positions: CompletionKind {
        complete { directory, line in
            ["earliest", "latest"] + names(in: directory, line).map { "committed:\($0)" }
        }
    }

    private static func names(in directory: StreamDirectory, _ line: CompletionLine) -> [String] {
        guard let stream = line.value(of: "--stream").map(NameText.canonical) else {
            return directory.consumers.map(\.name)
        }
        return directory.consumers.filter { $0.stream.isSame(as: stream) }.map(\.name)
    }

    private static func complete(
        _ choose: @escaping @Sendable (StreamDirectory, CompletionLine) -> [String]
    ) -> CompletionKind {
        .custom { words, _, prefix in
            let line = CompletionLine(words: words, prefix: prefix)
            guard let live = line.liveNames(in: .process()), let directory = live.directory() else { return [] }
            let names = Set(choose(directory, line).map(ExactText.init)).sorted()
            return names.compactMap { spelled($0.text, for: CompletionShell.requesting) }
        }
    }

    /// A name as the shell's script must get it to mean itself; nil for one that cannot be typed.
    ///
    /// The script for bash has the names expanded as words of the shell: unquoted, a stream's name could run commands.
    static func spelled(_ name: String, for shell: CompletionShell?) -> String? {
        guard !name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else { return nil }
        switch shell {
        case .bash: return NameText.quoted(name)
        // By scalars: a mark that combines with a colon would hide it.
        case .zsh:
            let scalars = NameText.typed(name).unicodeScalars
            return scalars.map { "\\:".unicodeScalars.contains($0) ? "\\\($0)" : "\($0)" }.joined()
        default: return NameText.typed(name)
        }
    }
}

/// A command line that is being typed, as a shell splits it into words.
struct CompletionLine: Sendable {
    /// All words, from the program's name on; quotes stand as they were typed.
    let words: [String]
    /// The text before the cursor in the word to complete.
    let prefix: String

    /// The value that an option has so far.
    func value(of option: String) -> String? {
        if let value = words.last(where: { $0.begins(with: option + "=") })?.removing(prefix: option + "=") {
            return Self.unquoted(value)
        }
        guard let place = words.lastIndex(of: option), place + 1 < words.count else { return nil }
        return Self.unquoted(words[place + 1])
    }

    /// The server that the line, or the environment, names; nil where that makes no sense yet.
    func liveNames(in context: CommandContext) -> LiveNames? {
        let arguments = ["--url", "--namespace", "--password-file"].flatMap { option in
            value(of: option).map { [option, $0] } ?? []
        }
        guard let options = try? ConnectionOptions.parse(arguments), options.canBeReadAgain,
            let configuration = try? options.configuration(in: context)
        else { return nil }
        return LiveNames(configuration, options.keyspace(in: context))
    }

    /// A word without the quotes and backslashes that protect it from the shell.
    private static func unquoted(_ word: String) -> String {
        var text = String.UnicodeScalarView()
        var quote: Unicode.Scalar?
        var isEscaped = false
        for scalar in word.unicodeScalars {
            if isEscaped {
                text.append(scalar)
                isEscaped = false
            } else if scalar == "\\", quote != "'" {
                isEscaped = true
            } else if scalar == quote {
                quote = nil
            } else if quote == nil, scalar == "'" || scalar == "\"" {
                quote = scalar
            } else {
                text.append(scalar)
            }
        }
        return String(text)
    }
}
