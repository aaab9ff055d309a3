import LineEditing
import Redstream
import RedstreamConnection
import Synchronization

/// Runs the commands of a shell: its own, the tool's, and Redis's.
struct Shell: Sendable {
    /// The outcome of a command.
    enum Outcome: Sendable, Equatable {
        case ran(ExitCode)
        /// The shell is to end.
        case left
    }

    let session: ShellSession
    var context: CommandContext
    let raw: RawConnection
    let grammar = RedstreamCommand.grammar
    let catalogue: CommandCatalogue
    let keyEffects: KeyEffects
    /// Names on the server, for Tab.
    let names: NameSearch
    let userTime = UserWaitTime()
    let pager = ShellPager()
    /// The store of replies that went elsewhere than to the screen; nil for the screen.
    var taken: UnrepeatableReplies?
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
                outcome = try await run(ShellLine(command, grammar, session.state), in: context)
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

    /// Runs a command, with its output to the screen, a file, or another command.
    private func run(_ line: ShellLine, in context: CommandContext) async throws -> Outcome {
        let taken = UnrepeatableReplies()
        var shell = self
        shell.taken = taken
        switch line.target {
        case .screen: return try await perform(line.command, in: context)
        case .file(let path, let appends):
            do {
                return try await ShellOutput.writing(to: path, appends: appends, from: context) { context in
                    try await shell.perform(line.command, in: context)
                }
            } catch let failure as Failure {
                guard !taken.all.isEmpty else { throw failure }
                try await show(taken, lostBy: failure.message, in: context)
                throw Failure(.reportLost, failure.message, hint: failure.hint)
            }
        case .command(let command):
            let (result, status) = try await ShellOutput.piping(into: command, from: context) { context in
                try await shell.perform(line.command, in: context)
            }
            let outcome = result ?? .ran(.done)
            guard status != .done else { return outcome }
            if !status.isOfUser { try await show(taken, lostBy: "\(command) \(status.ending)", in: context) }
            return outcome == .ran(.done) ? .ran(status) : outcome
        }
    }

    /// Runs a command.
    func perform(_ command: ShellLine.Command, in context: CommandContext) async throws -> Outcome {
        switch command {
        case .builtin(let builtin, let words): return try await perform(builtin, words, in: context)
        case .ours(let line): return try await perform(line, in: context)
        case .redis(let words): return try await perform(words, in: context)
        case .watch(let watch): return try await perform(watch, in: context)
        case .repeated(let count, let command):
            for _ in 0..<count {
                let outcome = try await perform(command, in: context)
                guard outcome == .ran(.done), context.signals.first == nil else { return outcome }
            }
            return .ran(.done)
        }
    }

    private func perform(_ line: CommandLine, in context: CommandContext) async throws -> Outcome {
        guard !session.state.isInTransaction else {
            throw Failure(
                .failed, "\(line.arguments[0]) does not run inside MULTI: it has connections of its own",
                hint: "EXEC or DISCARD first")
        }
        var inner = context
        inner.session = session.client
        inner.passwords = ReadPasswords()
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

    private func run(_ line: CommandLine, in context: CommandContext) async throws -> Outcome {
        guard reader != nil, context.outputIsTerminal, line.isPaged else {
            return .ran(await Tool.run(line, in: context))
        }
        let (outcome, bytes) = try await ShellOutput.capturing(from: context) { await Tool.run(line, in: $0) }
        try await show(WholeText(bytes), in: context)
        return .ran(outcome)
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
    /// - Throws: ``Failure`` in a script, where nobody can answer.
    func confirms(_ consequence: String) async throws -> Bool {
        guard let reader else {
            throw Failure(
                .failed, "not done: \(consequence)", hint: "redstream shell --yes lets it run without a question")
        }
        let answer = try await userTime.waits {
            try await reader.answer(to: context.console.prompt(Confirmation.question(consequence)))
        }
        guard case .line(let text) = answer else { return false }
        return Confirmation.isYes(String(decoding: text, as: UTF8.self))
    }
}

/// The time in which a command waited for the user: at a question, or in the pager.
final class UserWaitTime: Sendable {
    private let total = Mutex(Duration.zero)

    /// Adds the time that a closure takes.
    func waits<Value>(for body: () async throws -> Value) async rethrows -> Value {
        let began = ContinuousClock.now
        defer { total.withLock { $0 += began.duration(to: .now) } }
        return try await body()
    }

    /// Returns the time since the last call.
    func take() -> Duration {
        total.withLock { total in
            defer { total = .zero }
            return total
        }
    }
}
