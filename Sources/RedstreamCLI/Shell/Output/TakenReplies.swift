import RedstreamConnection
import Synchronization

/// The replies of commands that took something away from the server, and whose text went to a file or another command.
///
/// They are all there is of what they hold: they are shown if it did not get there.
final class TakenReplies: Sendable {
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
