import LineEditing

/// Hints and completions at the shell's prompt.
struct ShellAssistant: LineAssistant {
    let session: ShellSession
    let grammar: CommandGrammar
    let catalogue: CommandCatalogue
    let names: NameSearch
    let environment: [String: String]

    func isComplete(_ text: String) -> Bool {
        !LineTokenizer.isOpen(Array(text.utf8))
    }

    func hint(after text: String) -> String? {
        let (words, pipedInto) = LineTokenizer.partialWords(in: Array(text.utf8))
        guard pipedInto == nil else { return nil }
        let (texts, isRedis) = Self.unwrapped(words.map(\.text))
        guard let name = texts.first, !name.isEmpty else { return nil }
        let endsInBlank = texts.last == ""
        // A command's name is one once a blank follows, or when nothing else begins so.
        let typed = endsInBlank ? Array(texts.dropLast()) : texts
        let (command, length) = grammar.command(in: typed)
        let hint =
            if !isRedis, let builtin = ShellBuiltin(rawValue: name) {
                Self.hint(for: builtin, typed)
            } else if !isRedis, length > 0 {
                OptionHint(command: command, stream: session.state.stream).text(
                    after: Array(typed.dropFirst(length - 1)), endsInBlank: endsInBlank)
            } else {
                redisHint(typed)
            }
        guard let hint, !hint.isEmpty else { return nil }
        return endsInBlank ? hint : " " + hint
    }

    /// Returns the words of a command without its prefixes: a count, `watch` and its interval, `redis`, `edit`.
    ///
    /// - Returns: The rest, and whether `redis` says that it is a command of Redis.
    static func unwrapped(_ words: [String]) -> (words: [String], isRedis: Bool) {
        var rest = words[...]
        var isRedis = false
        while rest.count > 1, let first = rest.first {
            if isRedis {
                break
            } else if Int(first) != nil || first == "redis" || first == "edit" {
                isRedis = first == "redis"
                rest.removeFirst()
            } else if first == "watch", rest.count > 2, WatchArguments.areMeant(by: rest.dropFirst()),
                case let command = WatchArguments(rest.dropFirst()).command, !command.isEmpty
            {
                rest = command
            } else {
                break
            }
        }
        return (Array(rest), isRedis)
    }

    private static func hint(for builtin: ShellBuiltin, _ typed: [String]) -> String? {
        builtin.arguments.split(separator: " ").dropFirst(typed.count - 1).joined(separator: " ")
    }

    private func redisHint(_ typed: [String]) -> String? {
        let name = typed[0].lowercased()
        // Only commands that the server has are looked up, so that a word half typed costs nothing.
        guard let known = catalogue.knownNames(), known.contains(name.uppercased()) else { return nil }
        if let members = catalogue.family(name) {
            guard typed.count > 1 else { return members.joined(separator: "|") }
            guard members.contains(typed[1].uppercased()),
                case .some(.some(let docs)) = catalogue.knownDocs("\(name)|\(typed[1].lowercased())")
            else { return nil }
            return CommandSyntax.remaining(docs.arguments, after: Array(typed.dropFirst(2)))
        }
        guard case .some(.some(let docs)) = catalogue.knownDocs(name) else { return nil }
        return CommandSyntax.remaining(docs.arguments, after: Array(typed.dropFirst()))
    }
}
