import LineEditing
import RedstreamConnection
import RedstreamSystem

// Where the output of commands goes.
extension Shell {
    /// Runs a command with its output where it is to go.
    func perform(_ input: ShellInput, in context: CommandContext) async throws -> Outcome {
        let taken = TakenReplies()
        var shell = self
        shell.taken = taken
        switch input.target {
        case .screen: return try await perform(input.words, in: context)
        case .file(let path, let appends):
            do {
                return try await ShellOutput.writing(to: path, appends: appends, from: context) { context in
                    try await shell.perform(input.words, in: context)
                }
            } catch let failure as Failure {
                guard !taken.all.isEmpty else { throw failure }
                try await show(taken, lostBy: failure.message, in: context)
                throw Failure(.reportLost, failure.message, hint: failure.hint)
            }
        case .command(let command):
            let (outcome, status) = try await ShellOutput.piping(into: command, from: context) { context in
                try await shell.perform(input.words, in: context)
            }
            guard status != .done else { return outcome }
            if !status.isOfUser { try await show(taken, lostBy: "\(command) \(status.ending)", in: context) }
            return outcome == .ran(.done) ? .ran(status) : outcome
        }
    }

    /// Prints what commands took from the server and may have got nowhere.
    private func show(_ taken: TakenReplies, lostBy reason: String, in context: CommandContext) async throws {
        for reply in taken.all {
            context.console.note("\(reason); \(reply.words[0].uppercased()) took this from the server:")
            try await write(text(of: reply.reply, to: reply.words, in: context), in: context)
        }
    }

    /// Shows a text, by the pager where it is taller than the screen.
    func show(_ text: String, in context: CommandContext) async throws {
        try await show(WholeText(Array(text.utf8)), in: context)
    }

    /// Shows text that is safe for the output it goes to, by the pager where it is taller than the screen.
    ///
    /// A text that cannot be had again is not left to the pager.
    func show(_ text: some TextPieces, in context: CommandContext, isUnique: Bool = false) async throws {
        // What another command gathers, `watch` for one, is not for the pager.
        guard !isUnique, reader?.isEditing == true, context.outputIsTerminal, context.output === self.context.output,
            let command = pager.command(context.environment), let size = TerminalSize(of: STDOUT_FILENO),
            text.isTaller(than: size)
        else { return try await write(text, in: context) }
        guard let failure = try await people.waits(for: { try await pager.show(text, by: command, in: context) }) else {
            return
        }
        try await write(text, in: context)
        context.console.fail(failure)
    }

    /// Writes text piece by piece, until Ctrl-C.
    func write(_ text: some TextPieces, in context: CommandContext) async throws {
        try await context.interruptible {
            var rest = text
            while let piece = rest.next() {
                try await context.output.write(piece)
                try Task.checkCancellation()
            }
        }
    }

    /// A reply as it is shown where it goes.
    func text(of reply: RedisReply, to words: [String], in context: CommandContext) -> any TextPieces {
        let state = session.state
        if state.output == "json" { return ReplyPieces(reply, .json) }
        if !context.outputIsTerminal { return ReplyPieces(reply, .raw) }
        if ReplyText.isReport(words), reply.kind == .string { return WholeText(ReplyText.report(reply)) }
        return ReplyPieces(reply, .formatted(state.encoding))
    }
}
