import LineEditing
import RedstreamConnection
import RedstreamSystem
import Synchronization

extension Shell {
    /// Prints the replies that a file or a command may not have got.
    func show(_ taken: UnrepeatableReplies, lostBy reason: String, in context: CommandContext) async throws {
        for reply in taken.all {
            context.console.note("\(reason); \(reply.words[0].uppercased()) took this from the server:")
            try await write(text(of: reply.reply, to: reply.words, in: context), in: context)
        }
    }

    /// Shows a text, in the pager if it is taller than the screen.
    func show(_ text: String, in context: CommandContext) async throws {
        try await show(WholeText(Array(text.utf8)), in: context)
    }

    /// Shows text that is safe for its output, in the pager if it is taller than the screen.
    ///
    /// A text that cannot be had again is not left to the pager.
    func show(_ text: some TextPieces, in context: CommandContext, isUnique: Bool = false) async throws {
        // Output that another command collects, such as `watch`, is not for the pager.
        guard !isUnique, reader?.isEditing == true, context.outputIsTerminal, context.output === self.context.output,
            let command = pager.command(context.environment), let size = TerminalSize(of: STDOUT_FILENO),
            text.isTaller(than: size)
        else { return try await write(text, in: context) }
        let failure = try await userTime.waits { try await pager.show(text, by: command, in: context) }
        guard let failure else { return }
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

    /// Returns a reply as text for its output.
    func text(of reply: RedisReply, to words: [String], in context: CommandContext) -> any TextPieces {
        let state = session.state
        if state.output == "json" { return ReplyPieces(reply, .json) }
        if !context.outputIsTerminal { return ReplyPieces(reply, .raw) }
        if ReplyText.isReport(words), reply.kind == .string { return WholeText(ReplyText.report(reply)) }
        return ReplyPieces(reply, .formatted(state.encoding))
    }
}

/// The replies of commands that took something from the server, whose text went to a file or another command.
///
/// Nobody else has what they hold: they are shown if the file or the command did not get it.
final class UnrepeatableReplies: Sendable {
    /// A reply, and the command that it is for.
    struct Taken: Sendable {
        var words: [String]
        var reply: RedisReply
    }

    private let held = Mutex<[Taken]>([])

    /// All of them, in order.
    var all: [Taken] { held.withLock { $0 } }

    /// Keeps a reply.
    ///
    /// - Returns: True if it holds anything: a number or an id, with which the server answers a write, is no loss.
    func append(_ reply: RedisReply, of words: [String]) -> Bool {
        guard ![.integer, .status, .null].contains(reply.kind) else { return false }
        held.withLock { $0.append(Taken(words: words, reply: reply)) }
        return true
    }
}
