import RedstreamConnection
import Synchronization
import TestSupport

/// A node of a cluster that says what a test tells it to, and no node of Redis would.
final class FakeNode: Sendable {
    /// The address of the node.
    let host: RedisConfiguration.Host
    private let server: FakeServer

    /// Listens on a port.
    ///
    /// - Parameters:
    ///   - slots: What it answers to CLUSTER SLOTS, as Redis encodes it; given its own port.
    ///   - answer: What it answers to a command, but those of a greeting; given its own port and the command's words.
    /// - Throws: Why it cannot listen.
    init(slots: @escaping @Sendable (Int) -> String, answer: @escaping @Sendable (Int, [String]) -> String) throws {
        let port = Recorder<Int>()
        server = try FakeServer.onPort { peer in
            peer.answer { words in
                let port = port.values.first ?? 0
                switch words.first {
                case "CLIENT": return "+OK\r\n"
                case "INFO": return Self.text("redis_version:7.0.15\r\n")
                case "CLUSTER": return slots(port)
                default: return answer(port, words)
                }
            }
        }
        host = RedisConfiguration.Host("127.0.0.1", port: server.port)
        port.note(server.port)
    }

    /// A text as Redis encodes it.
    static func text(_ text: String) -> String { "$\(text.utf8.count)\r\n\(text)\r\n" }

    /// A list as Redis encodes it.
    static func list(_ elements: String...) -> String { "*\(elements.count)\r\n" + elements.joined() }

    /// A number as Redis encodes it.
    static func number(_ number: Int) -> String { ":\(number)\r\n" }

    /// A range of slots, and who serves it, as CLUSTER SLOTS has it.
    static func range(_ first: Int, _ last: Int, at port: Int, of name: String = "127.0.0.1") -> String {
        list(number(first), number(last), list(text(name), number(port)))
    }
}

extension FakeServer.Peer {
    /// Answers each command, given as its words, until the client goes away.
    func answer(_ reply: ([String]) -> String) {
        var heard = ""
        while case let bytes = read(), !bytes.isEmpty {
            heard += String(decoding: bytes, as: UTF8.self)
            while let words = Self.takeCommand(from: &heard) { write(reply(words).utf8) }
        }
    }

    /// Takes the first command, none of whose words has a line break; nil while it has not come as a whole.
    private static func takeCommand(from text: inout String) -> [String]? {
        let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)
        guard let head = lines.first, head.hasPrefix("*"), let count = Int(head.dropFirst()),
            lines.count > 2 * count + 1
        else { return nil }
        text = lines.dropFirst(2 * count + 1).joined(separator: "\r\n")
        return (0..<count).map { String(lines[2 * $0 + 2]) }
    }
}
