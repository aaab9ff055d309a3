import LineEditing
import Redstream

extension ShellAssistant {
    func completion(of text: String) -> Completion {
        let bytes = Array(text.utf8)
        let (words, pipedInto) = LineTokenizer.partialWords(in: bytes)
        if let pipedInto { return programs(String(decoding: pipedInto, as: UTF8.self)) }
        guard let last = words.last else { return Completion() }
        let count = String(decoding: bytes[last.start...], as: UTF8.self).unicodeScalars.count
        if let redirected = redirection(words, count) { return redirected }
        let (texts, isRedis) = Self.unwrapped(words.map(\.text))
        if texts.count == 1 { return commandNames(last.text, count, isRedis: isRedis) }
        if let builtin = ShellBuiltin(rawValue: texts[0]), !isRedis {
            return arguments(of: builtin, texts, count)
        }
        let (command, length) = grammar.command(in: texts.dropLast())
        if length > 0, !isRedis {
            if !command.members.isEmpty, texts.count == length + 1 {
                return made(command.members.map(\.name).filter { $0.begins(with: last.text) }.sorted(), count)
            }
            return arguments(of: command, texts, count)
        }
        return arguments(ofRedis: texts, typed: last.bytes, count)
    }

    func made(_ candidates: [String], _ count: Int, suffix: String = " ") -> Completion {
        Completion(replacing: count, candidates: candidates, suffix: suffix)
    }

    func live(
        _ found: NameSearch.Found, _ count: Int, prefix: String = "", quote: (String) -> String = Self.quoted(name:)
    ) -> Completion {
        Completion(
            replacing: count, candidates: found.names.map { prefix + quote($0) }, isCutShort: !found.isComplete)
    }

    static func quoted(name: String) -> String { ShellText.quotedForOwnShell(NameText.typed(name)) }

    /// Returns a key as commands of Redis take it: with its bytes, and not with the escapes of a name.
    static func quoted(key: String) -> String {
        let bytes = NameText.bytes(of: key)
        if let text = String(validating: bytes, as: UTF8.self) { return ShellText.quotedForOwnShell(text) }
        var word = Array("\"".utf8)
        for byte in bytes {
            if (0x20..<0x7F).contains(byte), !"\"\\".utf8.contains(byte) {
                word.append(byte)
            } else {
                word.append(contentsOf: #"\x"#.utf8)
                word.appendHexDigits(byte)
            }
        }
        return String(decoding: word, as: UTF8.self) + "\""
    }

    private func commandNames(_ text: String, _ count: Int, isRedis: Bool) -> Completion {
        let commands = grammar.shownMembers.filter { $0.tool?.refusalInShell == nil }.map(\.name)
        let ours = isRedis ? [] : commands + ShellBuiltin.allCases.map(\.rawValue)
        var candidates = ours.filter { $0.begins(with: text) }.sorted()
        var isCutShort = false
        // Redis's own are many: only once something is typed.
        if !text.isEmpty {
            let all = catalogue.namesSoon()
            isCutShort = all == nil
            let isLower = text == text.lowercased()
            let theirs = (all ?? []).filter { $0.begins(with: text.uppercased()) }
            candidates += theirs.map { isLower ? $0.lowercased() : $0 }.filter { !candidates.contains($0) }
        }
        return Completion(replacing: count, candidates: candidates, isCutShort: isCutShort)
    }

    private func arguments(of builtin: ShellBuiltin, _ words: [String], _ count: Int) -> Completion {
        guard words.count == 2 else {
            // A member of a family, such as `help xinfo stream`.
            guard builtin == .help, words.count == 3 else { return Completion() }
            let members = catalogue.family(words[1].lowercased()) ?? []
            return made(members.filter { $0.begins(with: words[2].uppercased()) }, count)
        }
        let text = words[1]
        switch builtin {
        case .use: return live(names.streams(beginningWith: text), count)
        case .namespace: return live(names.namespaces(beginningWith: text), count)
        case .encoding:
            return made(ReplyEncoding.allCases.map(\.rawValue).sorted().filter { $0.begins(with: text) }, count)
        case .help where text.begins(with: "@"):
            let all = catalogue.categoriesSoon()
            let fitting = (all ?? []).map { "@\($0)" }.filter { $0.begins(with: text.lowercased()) }
            return Completion(replacing: count, candidates: fitting, isCutShort: all == nil)
        case .output: return made(["default", "json", "text"].filter { $0.begins(with: text) }, count)
        case .timing: return made(["off", "on"].filter { $0.begins(with: text) }, count)
        case .help: return commandNames(text, count, isRedis: false)
        default: return Completion()
        }
    }

    private func arguments(of command: CommandGrammar, _ words: [String], _ count: Int) -> Completion {
        let text = words[words.count - 1]
        if let previous = words.dropLast().last, previous.begins(with: "-"), !previous.unicodeScalars.contains("="),
            let option = command.arguments.first(where: { $0.isNamed(by: previous) }), option.takesValue
        {
            return values(of: option, of: command, text, words, count)
        }
        if text.begins(with: "--"), let equals = text.unicodeScalars.firstIndex(of: "=") {
            guard let option = command.arguments.first(where: { $0.isNamed(by: text) }) else { return Completion() }
            let name = String(text.unicodeScalars[...equals])
            return values(of: option, of: command, text.removing(prefix: name) ?? "", words, count, prefix: name)
        }
        let options = command.shownArguments.filter { argument in
            argument.isRepeating || !words.dropLast().contains { argument.isNamed(by: $0) }
        }
        return made(options.compactMap(\.longName).map { "--\($0)" }.filter { $0.begins(with: text) }.sorted(), count)
    }

    private func values(
        of option: CommandGrammar.Argument, of command: CommandGrammar, _ text: String, _ words: [String],
        _ count: Int, prefix: String = ""
    ) -> Completion {
        if let allowed = option.allValues {
            return made(allowed.filter { $0.begins(with: text) }.map { prefix + $0 }, count)
        }
        guard let kind = ValueKind(of: option, in: command) else {
            return option.takesFile ? files(text, count, prefix: prefix) : Completion()
        }
        let stream = CompletionLine.value(of: "--stream", in: words) ?? session.state.stream
        let (candidates, isComplete) = kind.candidates(for: text, of: stream, among: names)
        return Completion(
            replacing: count, candidates: candidates.map { prefix + $0.lead + Self.quoted(name: $0.name) },
            isCutShort: !isComplete)
    }

    /// The members of a family, or what the server's description of a command has at that place: keys, and words.
    private func arguments(ofRedis words: [String], typed: [UInt8], _ count: Int) -> Completion {
        let name = words[0].lowercased()
        let text = words[words.count - 1]
        let members = catalogue.family(name)
        if words.count == 2, let members {
            return made(members.filter { $0.begins(with: text.uppercased()) }, count)
        }
        let length = members == nil ? 1 : 2
        let full = words.prefix(length).map { $0.lowercased() }.joined(separator: "|")
        // Where nothing is described, any argument may be a key.
        guard catalogue.knownNames()?.contains(name.uppercased()) == true, let docs = catalogue.docsSoon(full) else {
            return keys(typed, count)
        }
        guard let next = CommandSyntax.next(docs.arguments, after: Array(words.dropFirst(length).dropLast())) else {
            return Completion()
        }
        let isLower = !text.isEmpty && text == text.lowercased()
        let tokens = next.tokens.filter { $0.lowercased().begins(with: text.lowercased()) }
        let shown = tokens.map { isLower ? $0.lowercased() : $0 }
        guard next.takesKey else { return made(shown, count) }
        var completion = keys(typed, count)
        completion.candidates = shown + completion.candidates.filter { !shown.contains($0) }
        return completion
    }

    /// Keys that begin with these bytes.
    private func keys(_ typed: [UInt8], _ count: Int) -> Completion {
        live(names.keys(beginningWith: NameText.text(ofBytes: typed)), count, quote: Self.quoted(key:))
    }
}
