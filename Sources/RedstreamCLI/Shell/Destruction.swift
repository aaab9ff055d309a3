import ArgumentParser
import RedisClient
import Redstream

/// Tells which commands destroy something, and how much.
enum Destruction {
    /// What is asked before such a command runs.
    struct Question: Sendable, Equatable {
        /// What would happen, with the number of entries or keys concerned.
        var reason: String
    }

    /// The question for one of our commands; nil where nothing is destroyed.
    static func question(
        for words: [String], _ shell: Shell, in context: CommandContext
    ) async throws -> Question? {
        guard ["trim", "forget", "seek"].contains(words[0]), !shell.assumesYes,
            !words.contains(where: { ["--dry-run", "--help", "-h"].contains($0) })
        else { return nil }
        // Words that do not parse destroy nothing: the command says what is wrong with them.
        guard let command = try? RedstreamCommand.parseAsRoot(words) else { return nil }
        var inner = context
        inner.session = shell.session.client
        switch command {
        case let trim as TrimCommand:
            let client = try trim.connection.client(in: inner)
            let reports = try await Trimmer(
                client, streams: trim.stream.isEmpty ? .all : .named(trim.streams), policy: trim.policy
            ).plan()
            let removed = reports.reduce(0) { $0 + $1.removed }
            let unread = reports.reduce(0) { $0 + $1.unread.values.reduce(0, +) }
            // A service may find more to remove later; a single pass does not.
            guard removed > 0 || !trim.once else { return nil }
            let streams = trim.stream.isEmpty ? "every stream" : trim.place
            var reason = "trim removes \(count(removed, "entry", plural: "entries")) of \(streams) for good"
            if unread > 0 { reason += ", and \(count(unread, "read", plural: "reads")) by consumers with them" }
            if !trim.once { reason += ", and goes on until Ctrl-C" }
            return Question(reason: reason)
        case let forget as ForgetCommand:
            // One that has read nothing is forgotten without loss; an unknown one is refused by the command itself.
            let client = try forget.connection.client(in: inner)
            guard let consumers = try? await forget.stored(client).map(\.consumer) else { return nil }
            var redelivered = 0
            for consumer in consumers {
                redelivered += (try? await client.planSeek(consumer, to: .earliest))?.redelivered ?? 0
            }
            let again = count(redelivered, "entry", plural: "entries")
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
                count(plans.reduce(0) { $0 + $1.redelivered }, "entry is", plural: "entries are") + " delivered again"
            let skipped = count(skips, "entry is", plural: "entries are") + " skipped"
            return Question(
                reason: "seek moves the offset of \(seek.name) in \(seek.place): \(skips > 0 ? skipped : again)")
        default: return nil
        }
    }

    /// The question for a command of Redis; nil where nothing is destroyed.
    static func question(forRedis words: [String], _ shell: Shell) async throws -> Question? {
        guard !shell.assumesYes, let reason = RedisDestruction(words) else { return nil }
        let count: Int?? = try? await shell.session.client.pool.withConnection { connection in
            try await reason.measure(on: connection)
        }
        // What is not there cannot be lost.
        if count == .some(.some(0)), reason.isHarmlessWhenEmpty { return nil }
        return Question(reason: reason.text(count: count ?? nil))
    }

    /// A number with its noun.
    static func count(_ number: Int, _ noun: String, plural: String) -> String {
        "\(number) \(number == 1 ? noun : plural)"
    }
}
