import LineEditing
import Redstream

// What Tab offers for Redis's commands.
extension ShellAssistant {
    /// The members of a family, or what the server's description of a command has at that place: keys, and words.
    func arguments(ofRedis words: [String], typed: [UInt8], _ count: Int) -> Completion {
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
