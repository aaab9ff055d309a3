import ArgumentParser
import Redstream
import RedstreamConnection

/// A command line that is being typed, as a shell splits it into words.
struct CompletionLine: Sendable {
    /// All words, from the program's name on; quotes stand as they were typed.
    let words: [String]
    /// The text before the cursor in the word to complete.
    let prefix: String

    /// Returns the value that an option has among words; of several, the last one, which the parser takes too.
    static func value(of option: String, in words: [String]) -> String? {
        words.indices.reversed().lazy.compactMap { place in
            words[place] == option
                ? (place + 1 < words.count ? words[place + 1] : nil) : words[place].removing(prefix: option + "=")
        }.first
    }

    /// The value that an option has so far.
    func value(of option: String) -> String? { Self.value(of: option, in: words).map(Self.unquoted) }

    /// Asks the server that the line, or the environment, names for values of a kind.
    ///
    /// A list that lacks some would be worse than none: a shell takes the only match for the right one.
    ///
    /// - Returns: The values, as the script of the shell must get them; none if they could not all be had in time.
    func values(of kind: ValueKind) -> [String] {
        guard let names = names(in: .process()) else { return [] }
        let (candidates, isComplete) = kind.candidates(for: prefix, of: value(of: "--stream"), among: names)
        guard isComplete else { return [] }
        return candidates.compactMap { Self.spelled($0.lead + $0.name, for: CompletionShell.requesting) }
    }

    private func names(in context: CommandContext) -> NameSearch? {
        let arguments = ["--url", "--namespace", "--password-file", "--cacert", "--cert", "--key"].flatMap { option in
            value(of: option).map { [option, $0] } ?? []
        }
        guard let options = try? ConnectionOptions.parse(arguments), options.canBeReadAgain,
            let configuration = try? options.configuration(in: context)
        else { return nil }
        // A shell that asks has 200 ms, and a process has to start and to end in them too.
        return NameSearch(in: configuration, options.keyspace(in: context), within: .milliseconds(140))
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
