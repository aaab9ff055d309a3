import ArgumentParser
import Redstream
import RedstreamConnection

/// Tells which commands destroy something, and how much.
enum Destruction {
    /// The question before such a command runs.
    struct Question: Sendable, Equatable {
        /// The consequence, with the number of entries or keys concerned.
        var reason: String
    }

    /// The question for one of our commands; nil where nothing is destroyed.
    static func question(
        for words: [String], _ shell: Shell, in context: CommandContext
    ) async throws -> Question? {
        guard ["trim", "forget", "seek", "dead-letters"].contains(words[0]), !shell.assumesYes,
            !words.contains(where: { ["--dry-run", "--help", "-h"].contains($0) })
        else { return nil }
        // Words that do not parse destroy nothing: the command says what is wrong with them.
        guard let command = try? RedstreamCommand.parseAsRoot(words) else { return nil }
        var inner = context
        inner.session = shell.session.client
        switch command {
        case let trim as TrimCommand where !trim.yes:
            let client = try trim.connection.client(in: inner)
            let reports = try await trim.trimmer(client).plan()
            // A service may find more to remove later; a single pass does not.
            guard reports.contains(where: { $0.removed > 0 }) || !trim.once else { return nil }
            return Question(reason: trim.question(reports))
        case let forget as ForgetCommand:
            // One that has read nothing is forgotten without loss; an unknown one is refused by the command itself.
            let client = try forget.connection.client(in: inner)
            guard let consumers = try? await forget.stored(client).map(\.consumer) else { return nil }
            var redelivered = 0
            for consumer in consumers {
                redelivered += (try? await client.planSeek(consumer, to: .earliest))?.redelivered ?? 0
            }
            let again = redelivered.counted("entry", "entries")
            return Question(
                reason: "forget removes the offset of \(forget.name) in \(forget.place), "
                    + "behind which \(again) would be read again")
        case let seek as SeekCommand:
            let client = try seek.connection.client(in: inner)
            guard let target = try? await SeekCommand.target(to: seek.to, shiftBy: seek.shiftBy, client),
                let plans = try? await seek.planned(to: target, client).map(\.plan)
            else { return nil }
            let skips = plans.reduce(0) { $0 + $1.skipped }
            let again =
                plans.reduce(0) { $0 + $1.redelivered }.counted("entry is", "entries are") + " delivered again"
            let skipped = skips.counted("entry is", "entries are") + " skipped"
            return Question(
                reason: "seek moves the offset of \(seek.name) in \(seek.place): \(skips > 0 ? skipped : again)")
        case let replay as DeadLettersReplayCommand where !replay.yes:
            let client = try replay.connection.client(in: inner)
            guard let count = try await count(replay.letters, client, in: inner) else { return nil }
            return Question(reason: DeadLettersReplayCommand.question(replay.letters, count: count))
        case let purge as DeadLettersPurgeCommand where !purge.yes:
            let client = try purge.connection.client(in: inner)
            guard let count = try await count(purge.letters, client, in: inner) else { return nil }
            return Question(reason: DeadLettersPurgeCommand.question(purge.letters, count: count))
        default: return nil
        }
    }

    /// Returns the number of dead letters that are meant; nil for none, of which the command itself tells.
    private static func count(
        _ letters: DeadLetterOptions, _ client: StreamClient, in context: CommandContext
    ) async throws -> Int? {
        let selection = try await letters.selection(of: client, in: context, retryLimit: .zero)
        guard let count = try? await selection.count(), count > 0 else { return nil }
        return count
    }

    /// The question for a command of Redis; nil where nothing is destroyed.
    ///
    /// - Parameters:
    ///   - words: The command, as text.
    ///   - isExact: True if the text is all that the words were; otherwise they name other keys.
    ///   - shell: Where it is to run. A transaction may be about to choose another database.
    /// - Returns: The question, with how much is concerned where that is known.
    /// - Throws: What looking at the keys throws.
    static func question(forRedis words: [String], isExact: Bool, _ shell: Shell) async throws -> Question? {
        guard !shell.assumesYes else { return nil }
        let queued = shell.session.state.transaction ?? []
        guard let reason = RedisDestruction(words) else {
            return try await keyQuestion(for: words, isExact: isExact, behind: queued, shell)
        }
        guard isExact, isSettled(reason.keys, behind: queued) else { return Question(reason: reason.text(count: nil)) }
        let pool = shell.session.client.pool
        // A node of a cluster knows its own keys only, and which one is asked to drop its keys is not known here.
        let isOfOneNode = pool.cluster != nil && reason.keys.isEmpty
        let count: Int?? =
            isOfOneNode
            ? nil
            : try? await pool.withConnection(for: reason.keys.first.map { RedisKey($0) }) {
                try await reason.measure(on: $0)
            }
        // What is not there cannot be lost.
        if count == .some(.some(0)), reason.isHarmlessWhenEmpty { return nil }
        let entries: Int?? = try? await pool.withConnection(for: reason.keys.first.map { RedisKey($0) }) {
            await reason.entries(on: $0)
        }
        return Question(reason: reason.text(count: count ?? nil, entries: entries ?? nil))
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
        for words: [String], isExact: Bool, behind queued: [[String]], _ shell: Shell
    ) async throws -> Question? {
        let effects = await shell.keyEffects.effects(of: words)
        var lines: [String] = []
        for effect in effects {
            let content =
                !isExact || !isSettled([effect.key], behind: queued)
                ? nil
                : try? await shell.session.client.pool.withConnection(for: RedisKey(effect.key)) { connection in
                    try await KeyContent.of(RedisKey(effect.key), on: connection)
                }
            if content?.isEmpty == true { continue }
            // A string in place of a string is what SET is for.
            if content?.type == "string", effect.kind == .replaces, isOfStrings(words[0]) { continue }
            let verb = effect.kind == .loses ? "removes from" : "replaces"
            lines.append("\(verb) \(effect.key)" + (content.map { ", \($0.description)" } ?? ""))
        }
        guard !lines.isEmpty else { return nil }
        return Question(reason: "\(words[0].uppercased()) " + lines.joined(separator: "; "))
    }

    private static func isOfStrings(_ name: String) -> Bool {
        ["set", "setex", "psetex", "mset", "getset", "bitop"].contains(name.lowercased())
    }
}
