import Redstream
import RedstreamConnection

/// Tells which commands of Redis destroy something, and how much.
enum Destruction {
    /// The question for a command of Redis; nil where nothing is destroyed.
    ///
    /// - Parameters:
    ///   - words: The command, as text.
    ///   - isExact: True if the text is all that the words were; otherwise they name other keys.
    ///   - session: The session. A transaction may be about to choose another database.
    ///   - keyEffects: The effects of commands on keys.
    /// - Returns: The question, with how much is concerned where that is known.
    /// - Throws: What looking at the keys throws.
    static func question(
        forRedis words: [String], isExact: Bool, _ session: ShellSession, _ keyEffects: KeyEffects
    ) async throws -> String? {
        let queued = session.state.transaction ?? []
        guard let reason = RedisDestruction(words) else {
            return try await keyQuestion(for: words, isExact: isExact, behind: queued, session, keyEffects)
        }
        guard isExact, isSettled(reason.keys, behind: queued) else { return reason.text(count: nil) }
        let pool = session.client.pool
        // A node of a cluster knows its own keys only, and which one is asked to drop its keys is not known here.
        let isOfOneNode = pool.cluster != nil && reason.keys.isEmpty
        let found =
            isOfOneNode
            ? nil
            : try? await pool.withConnection(for: reason.keys.first.map { RedisKey($0) }) { connection in
                (count: try await reason.measure(on: connection), entries: await reason.entries(on: connection))
            }
        // What is not there cannot be lost.
        if found?.count == 0, reason.isHarmlessWhenEmpty { return nil }
        return reason.text(count: found?.count, entries: found?.entries)
    }

    /// Returns whether the commands that wait for EXEC leave keys as they are now; without keys, a whole database.
    private static func isSettled(_ keys: [String], behind queued: [[String]]) -> Bool {
        if keys.isEmpty { return queued.isEmpty }
        let others = ["select", "swapdb", "flushall", "flushdb", "eval", "evalsha", "fcall"]
        return queued.allSatisfy { words in
            !others.contains(words[0].lowercased()) && !words.dropFirst().contains { keys.contains($0) }
        }
    }

    /// The question for a command that removes or replaces what keys hold, without showing it.
    private static func keyQuestion(
        for words: [String], isExact: Bool, behind queued: [[String]], _ session: ShellSession,
        _ keyEffects: KeyEffects
    ) async throws -> String? {
        let effects = await keyEffects.effects(of: words)
        var lines: [String] = []
        for effect in effects {
            let content =
                !isExact || !isSettled([effect.key], behind: queued)
                ? nil
                : try? await session.client.pool.withConnection(for: RedisKey(effect.key)) { connection in
                    try await KeyContent.of(RedisKey(effect.key), on: connection)
                }
            if content?.isEmpty == true { continue }
            // A string in place of a string is what SET is for.
            if content?.type == "string", effect.kind == .replaces, isOfStrings(words[0]) { continue }
            let verb = effect.kind == .loses ? "removes from" : "replaces"
            lines.append("\(verb) \(effect.key)" + (content.map { ", \($0.description)" } ?? ""))
        }
        guard !lines.isEmpty else { return nil }
        return "\(words[0].uppercased()) " + lines.joined(separator: "; ")
    }

    private static func isOfStrings(_ name: String) -> Bool {
        ["set", "setex", "psetex", "mset", "getset", "bitop"].contains(name.lowercased())
    }
}
