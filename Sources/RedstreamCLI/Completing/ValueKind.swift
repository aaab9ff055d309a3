import ArgumentParser
import Redstream

/// The kinds of values that a server knows: which one an option takes is said where the option is declared.
enum ValueKind: String, Sendable {
    /// A stream that applications write.
    case stream
    /// Any stream, delay and dead-letter streams included.
    case anyStream
    /// A consumer of the line's stream; of any stream if it names none.
    case consumer
    /// Consumers, separated by commas.
    case consumers
    /// A position in a stream that has a word.
    case position

    /// A value that fits: text that stands as it is, and a name that each shell quotes in its own way.
    struct Candidate: Sendable {
        var lead = ""
        var name: String
    }

    /// True while the declaration of an option is asked for the kind of its values.
    @TaskLocal private static var isAsked = false

    /// The kind of an option's values; nil for one that no server knows.
    init?(of argument: CommandGrammar.Argument, in command: CommandGrammar) {
        guard argument.isCompletedLive, let name = argument.names?.first?.text else { return nil }
        // ArgumentParser has no public access to the declaration, but runs its completion.
        let answer = Self.$isAsked.withValue(true) {
            do {
                _ = try command.type.parseAsRoot(["---completion", "--", name, "0", "0"])
                return ""
            } catch {
                return command.type.fullMessage(for: error)
            }
        }
        self.init(rawValue: answer.trimmingBlanks)
    }

    /// The completion of an option that takes such values.
    var completion: CompletionKind {
        .custom { words, _, prefix in
            Self.isAsked ? [rawValue] : CompletionLine(words: words, prefix: prefix).values(of: self)
        }
    }

    /// Finds the values that may stand where a text is typed.
    ///
    /// - Parameters:
    ///   - text: The text so far.
    ///   - stream: The stream that the line names; nil for none.
    ///   - names: The names on the server.
    /// - Returns: The values, and whether they are all there are.
    func candidates(
        for text: String, of stream: String?, among names: NameSearch
    ) -> (candidates: [Candidate], isComplete: Bool) {
        var found: NameSearch.Found
        var lead = ""
        var words: [Candidate] = []
        let stream = stream.map(NameText.canonical)
        switch self {
        case .stream:
            found = names.streams(beginningWith: text)
            let streams = found.names.filter { !$0.ends(with: ".dead") }.map { $0.removing(suffix: ".delay") ?? $0 }
            found.names = Set(streams.map(ExactText.init)).sorted().map(\.text)
            found.names.removeAll { !names.mayBegin($0, with: text) }
        case .anyStream: found = names.streams(beginningWith: text)
        case .consumer: found = names.consumers(of: stream, beginningWith: text)
        case .consumers:
            let (taken, name) = text.split(after: ",")
            lead = taken
            found = names.consumers(of: stream, beginningWith: name)
            let others = taken.unicodeScalars.split(separator: ",").map(String.init)
            found.names.removeAll(where: others.contains)
        case .position:
            lead = "committed:"
            words = ["earliest", "latest"].filter { names.mayBegin($0, with: text) }.map { Candidate(name: $0) }
            let name = text.removing(prefix: lead) ?? ""
            found =
                name.isEmpty && !names.mayBegin(lead, with: text)
                ? .init(isComplete: true) : names.consumers(of: stream, beginningWith: name)
        }
        return (words + found.names.map { Candidate(lead: lead, name: $0) }, found.isComplete)
    }
}

extension CompletionKind {
    /// The completion of values of a kind that a server knows.
    static func names(_ kind: ValueKind) -> CompletionKind { kind.completion }
}
