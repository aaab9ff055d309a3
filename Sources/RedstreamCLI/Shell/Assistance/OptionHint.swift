import Redstream

/// The options and values that our commands still want, or take, after the words typed so far.
struct OptionHint {
    let command: CommandGrammar
    /// The stream in use, which need not be named.
    let stream: String?

    /// The hint; words are those of the command, its name included, up to a blank or the cursor.
    func text(after words: [String], endsInBlank: Bool) -> String? {
        let typed = words.dropFirst()
        if !command.members.isEmpty {
            return typed.isEmpty ? command.members.map(\.name).joined(separator: "|") : nil
        }
        if typed.contains("--") { return nil }
        if let last = typed.last, let option = argument(named: last), option.takesValue,
            !last.unicodeScalars.contains("=")
        {
            return value(of: option)
        }
        // While an option's name is typed, Tab tells how it goes on.
        if !endsInBlank, let last = typed.last, last.begins(with: "-"), argument(named: last) == nil { return nil }
        var positional = positionalCount(in: typed)
        var needed: [String] = []
        var possible: [String] = []
        for argument in command.shownArguments {
            if argument.kind == .positional {
                guard argument.isRepeating || positional == 0 else {
                    positional -= 1
                    continue
                }
                let name = "<\(argument.valueName ?? "value")>" + (argument.isRepeating ? " …" : "")
                if argument.isOptional { possible.append("[\(name)]") } else { needed.append(name) }
                continue
            }
            // Options of the connection, and of colours, are the same for all commands, and too many to show.
            guard argument.sectionTitle == nil, let name = argument.longName, name != "color" else { continue }
            if typed.contains(where: argument.isNamed(by:)), !argument.isRepeating { continue }
            if typed.contains(where: argument.isNamed(by:)), !argument.isOptional { continue }
            if name == "stream", stream != nil { continue }
            let text = "--\(name)" + (argument.takesValue ? " \(value(of: argument))" : "")
            if argument.isOptional { possible.append("[\(text)]") } else { needed.append(text) }
        }
        return (needed + possible).joined(separator: " ")
    }

    private func argument(named word: String) -> CommandGrammar.Argument? {
        guard word.begins(with: "-") else { return nil }
        return command.arguments.first { $0.isNamed(by: word) }
    }

    private func value(of argument: CommandGrammar.Argument) -> String {
        argument.allValues.map { $0.joined(separator: "|") } ?? "<\(argument.valueName ?? "value")>"
    }

    private func positionalCount(in words: ArraySlice<String>) -> Int {
        var count = 0
        var isValue = false
        for word in words {
            if isValue {
                isValue = false
            } else if let option = argument(named: word) {
                isValue = option.takesValue && !word.unicodeScalars.contains("=")
            } else {
                count += 1
            }
        }
        return count
    }
}
