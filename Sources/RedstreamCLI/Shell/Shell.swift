import LineEditing
import Redstream
import RedstreamConnection

/// Runs the commands of a shell: its own, the tool's, and Redis's.
struct Shell: Sendable {
    /// The outcome of a command.
    enum Outcome: Sendable, Equatable {
        case ran(ExitCode)
        /// The shell is to end.
        case left
    }

    let session: ShellSession
    private(set) var context: CommandContext
    let raw: RawConnection
    let grammar = RedstreamCommand.grammar
    let catalogue: CommandCatalogue
    let keyEffects: KeyEffects
    /// Names on the server, for Tab.
    let names: NameSearch
    /// The time that was spent on waiting for people.
    let people = PeopleTime()
    let pager = ShellPager()
    /// The store of replies that went elsewhere than to the screen; nil for the screen.
    var taken: TakenReplies?
    /// True if destructive commands run without a question.
    var assumesYes = false
    /// The reader of answers to questions; nil in a script.
    var reader: LineReader?
    /// The lines typed before; nil in a script.
    var history: ShellHistory?

    init(_ session: ShellSession, in context: CommandContext) {
        self.session = session
        self.context = context
        raw = RawConnection(session)
        catalogue = CommandCatalogue(session)
        keyEffects = KeyEffects(session)
        names = NameSearch { (session.state.configuration, session.keys) }
    }

    /// Runs all commands of a text, up to the first that fails.
    func run(_ text: [UInt8], in context: CommandContext) async -> Outcome {
        var position = 0
        var outcome = Outcome.ran(.done)
        while position < text.count {
            do {
                let command = try LineTokenizer.command(in: text, from: position)
                position = command.end
                guard !command.words.isEmpty || command.pipedInto != nil else { continue }
                outcome = try await perform(ShellInput(command), in: context)
            } catch OutputError.closed {
                // The reader has seen enough of this one, as in any shell.
                outcome = .ran(.done)
            } catch {
                let failure = failure(error)
                if failure.code != .interrupted { context.console.fail(failure) }
                return .ran(failure.code)
            }
            if outcome != .ran(.done) { return outcome }
        }
        return outcome
    }

    private func failure(_ error: any Error) -> Failure {
        let surroundings = Failure.Surroundings(server: session.state.configuration, place: .shell)
        return switch error {
        case let error as TokenizerError: Failure(.usage, "\(error)")
        case is CancellationError: Failure(.interrupted, "interrupted")
        case let error as RedisError where error.isServerUnreachable:
            // The words say what failed.
            Failure(.unreachable, "\(error)", hint: Failure.hint(for: error, in: surroundings))
        default: Failure(error, while: "cannot run the command", in: surroundings)
        }
    }

    /// Runs a command given as words.
    func perform(_ words: [[UInt8]], in context: CommandContext) async throws -> Outcome {
        let texts = words.map { String(decoding: $0, as: UTF8.self) }
        guard let name = texts.first else { return .ran(.done) }
        if let count = Int(name), texts.count > 1 {
            guard count > 0 else { throw Failure(.usage, "a number before a command says how often: at least 1") }
            return try await repeated(count, Array(words.dropFirst()), in: context)
        }
        let isOurs = name != "watch" || WatchArguments.areMeant(by: texts.dropFirst())
        if isOurs, let builtin = ShellBuiltin(rawValue: name) {
            return try await perform(builtin, Array(words.dropFirst()), in: context)
        }
        if grammar.hasCommand(name) { return try await performOurs(words, in: context) }
        return try await performRaw(words, in: context)
    }

    private func repeated(_ count: Int, _ words: [[UInt8]], in context: CommandContext) async throws -> Outcome {
        for _ in 0..<count {
            let outcome = try await perform(words, in: context)
            guard outcome == .ran(.done), context.signals.first == nil else { return outcome }
        }
        return .ran(.done)
    }

    private func performOurs(_ words: [[UInt8]], in context: CommandContext) async throws -> Outcome {
        var texts: [String] = []
        for word in words {
            guard let text = String(validating: word, as: UTF8.self) else {
                throw Self.notUTF8(word)
            }
            texts.append(text)
        }
        if let refusal = grammar.command(in: texts).command.tool?.refusalInShell { throw refusal }
        guard !session.state.isInTransaction else {
            throw Failure(
                .failed, "\(texts[0]) does not run inside MULTI: it has connections of its own",
                hint: "EXEC or DISCARD first")
        }
        let state = session.state
        let line = CommandLine(
            grammar.completed(texts, with: [("stream", state.stream), ("output", state.output)]))
        var inner = context
        inner.session = session.client
        if !assumesYes, let command = line.command {
            let ours = inner
            let loss = try await context.interruptible { try await command.loss(in: ours) }
            if let loss { guard try await confirms(loss) else { return .ran(.failed) } }
        }
        defer { names.forget() }
        let outcome = try await run(line, in: inner)
        await noteReachability(outcome, of: line.arguments, in: context)
        return outcome
    }

    /// The failure for a word that commands of our own cannot take as it is.
    static func notUTF8(_ word: [UInt8]) -> Failure {
        let name = NameText.text(ofBytes: word)
        return Failure(
            .usage, "an argument is not UTF-8: \(name)",
            hint: "in a name, write the byte as an escape: '\(name)'; commands of Redis take any bytes")
    }

    private func run(_ line: CommandLine, in context: CommandContext) async throws -> Outcome {
        guard reader != nil, context.outputIsTerminal, line.isPaged else {
            return .ran(await Tool.run(line, in: context))
        }
        let (outcome, bytes) = try await ShellOutput.capturing(from: context) { .ran(await Tool.run(line, in: $0)) }
        try await show(WholeText(bytes), in: context)
        return outcome
    }

    /// Keeps in mind for the prompt whether the session's server could be reached.
    private func noteReachability(
        _ outcome: Outcome, of arguments: [String], in context: CommandContext
    ) async {
        guard outcome == .ran(.unreachable) || session.state.isDown,
            !arguments.contains(where: { $0 == "--url" || $0.begins(with: "--url=") })
        else { return }
        _ = try? await context.interruptible { _ = try await raw.connection() }
    }

    /// Asks whether to go on.
    ///
    /// - Throws: ``Failure`` where nobody can be asked.
    func confirms(_ consequence: String) async throws -> Bool {
        if assumesYes { return true }
        guard let reader else {
            throw Failure(
                .failed, "not done: \(consequence)", hint: "redstream shell --yes lets it run without a question")
        }
        let answer = try await people.waits {
            try await reader.answer(to: context.console.prompt("\(consequence). Go on? [y/N] "))
        }
        guard case .line(let text) = answer else { return false }
        return ["y", "yes"].contains(String(decoding: text, as: UTF8.self).trimmingBlanks.lowercased())
    }
}

extension Shell {
    /// Takes standard input from the commands, where the script itself comes by it.
    mutating func setInput(_ descriptor: Int32) {
        var context = context
        context.input = descriptor
        context.inputIsTerminal = false
        self.context = context
    }
}
