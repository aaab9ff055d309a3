/// Writes arguments, and tells which of them are still to come.
enum CommandSyntax {
    typealias Argument = CommandDocs.Argument

    /// An argument as redis-cli writes it.
    static func text(_ argument: Argument) -> String {
        var body =
            switch argument.type {
            case "pure-token": argument.token ?? argument.name
            case "oneof": argument.parts.map(text).joined(separator: "|")
            case "block": argument.parts.map(text).joined(separator: " ")
            default: argument.name
            }
        let single = body
        if argument.type != "pure-token", let token = argument.token { body = "\(token) \(single)" }
        if argument.isMultiple, argument.type != "…" { body += " [\(argument.repeatsToken ? body : single) …]" }
        return argument.isOptional ? "[\(body)]" : body
    }

    /// The words that may stand at the place behind words.
    struct Next: Sendable, Equatable {
        /// Words that are written as they are.
        var tokens: [String] = []
        /// True if it may be the name of a key.
        var takesKey = false
    }

    /// Returns the words that may come behind words; nil where the words do not fit.
    static func next(_ arguments: [Argument], after words: [String]) -> Next? {
        var state = Matcher(words: words[...])
        guard let rest = state.sequence(arguments), state.words.isEmpty else { return nil }
        var next = Next()
        add(rest, to: &next)
        return next
    }

    /// Adds optional arguments up to the first one that is needed, and that one.
    ///
    /// Returns whether one was needed.
    @discardableResult
    private static func add(_ arguments: [Argument], to next: inout Next) -> Bool {
        for argument in arguments {
            let isPassed = add(argument, to: &next)
            if !isPassed, !argument.isOptional { return true }
        }
        return false
    }

    /// Adds what one argument may begin with; returns whether it may be nothing at all.
    private static func add(_ argument: Argument, to next: inout Next) -> Bool {
        if argument.type == "…" { return add(argument.parts[0], to: &next) }
        if let token = argument.token {
            next.tokens.append(token)
            return false
        }
        switch argument.type {
        case "oneof":
            for part in argument.parts { _ = add(part, to: &next) }
        case "block": return !add(argument.parts, to: &next)
        case "key": next.takesKey = true
        default: break
        }
        return false
    }

    /// Returns the syntax that is still to come after words; nil where the words do not fit.
    static func remaining(_ arguments: [Argument], after words: [String]) -> String? {
        var state = Matcher(words: words[...])
        guard let rest = state.sequence(arguments), state.words.isEmpty else { return nil }
        return rest.map(text).joined(separator: " ")
    }
}

/// Takes words off arguments.
private struct Matcher {
    typealias Argument = CommandDocs.Argument
    var words: ArraySlice<String>

    /// Takes what fits, and returns the arguments that are left.
    ///
    /// Optional arguments may come in any order, up to the next one that is needed.
    mutating func sequence(_ arguments: [Argument]) -> [Argument]? {
        var left = arguments[...]
        while !words.isEmpty, !left.isEmpty {
            let end = left.firstIndex { !$0.isOptional } ?? left.endIndex - 1
            var isTaken = false
            // A token says what it is; only then may a word be a value.
            for byToken in [true, false] where !isTaken {
                for index in left.startIndex...end where hasToken(left[index]) == byToken {
                    let before = words
                    guard let rest = take(left[index]) else {
                        words = before
                        continue
                    }
                    isTaken = true
                    let argument = left[index]
                    if argument.isOptional { left.remove(at: index) } else { left = left[(index + 1)...] }
                    if !rest.isEmpty { return rest + left }
                    if argument.isMultiple { left.insert(repeated(argument), at: left.startIndex) }
                    break
                }
            }
            guard isTaken else { break }
        }
        return Array(left)
    }

    /// Returns whether the next word alone can tell that it belongs to an argument.
    private func hasToken(_ argument: Argument) -> Bool {
        if argument.token != nil { return true }
        return switch argument.type {
        case "oneof": argument.parts.contains { hasToken($0) }
        case "block": argument.parts.first.map { hasToken($0) } ?? false
        default: false
        }
    }

    /// Returns the argument that may come again after the first time.
    private func repeated(_ argument: Argument) -> Argument {
        if argument.type == "…" { return argument }
        var inner = argument
        inner.isMultiple = false
        inner.isOptional = false
        if !argument.repeatsToken { inner.token = argument.type == "pure-token" ? argument.token : nil }
        var outer = Argument(name: "\(CommandSyntax.text(inner)) …", type: "…", parts: [inner])
        outer.isOptional = true
        outer.isMultiple = true
        return outer
    }

    /// Takes the words of one argument; what is left of it where the words ended within it, nil where they differ.
    private mutating func take(_ argument: Argument) -> [Argument]? {
        if argument.type == "…" { return take(argument.parts[0]) }
        if let token = argument.token {
            guard let first = words.first, first.lowercased() == token.lowercased() else { return nil }
            words.removeFirst()
            if argument.type == "pure-token" { return [] }
            if words.isEmpty {
                var value = argument
                value.token = nil
                value.isOptional = false
                value.isMultiple = false
                return [value]
            }
        }
        switch argument.type {
        case "oneof":
            for byToken in [true, false] {
                for part in argument.parts where hasToken(part) == byToken {
                    let before = words
                    if let rest = take(part) { return rest }
                    words = before
                }
            }
            return nil
        case "block":
            guard let rest = sequence(argument.parts) else { return nil }
            if rest.allSatisfy(\.isOptional) { return [] }
            return words.isEmpty && rest.count < argument.parts.count ? rest : nil
        default:
            words.removeFirst()
            return []
        }
    }
}
