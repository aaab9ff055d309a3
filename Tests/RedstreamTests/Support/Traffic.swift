import Redstream
import RedstreamConnection
import TestSupport

/// The reads and commands of a server, as INFO counts them.
struct Traffic {
    /// The times that the server has read from a client: a round trip is one or a few.
    var reads: Int
    /// The commands that it has run.
    var commands: Int

    /// Returns the traffic of some work on a server of its own.
    static func of(_ fixture: Fixture, _ work: () async throws -> Void) async throws -> Traffic {
        let before = try await now(fixture)
        try await work()
        let after = try await now(fixture)
        return Traffic(reads: after.reads - before.reads, commands: after.commands - before.commands)
    }

    private static func now(_ fixture: Fixture) async throws -> Traffic {
        let info = try await fixture.redis("INFO", "stats").string ?? ""
        func value(_ name: String) -> Int {
            let line = info.split(whereSeparator: \.isNewline).first { $0.hasPrefix(name + ":") }
            return line.flatMap { Int($0.dropFirst(name.count + 1)) } ?? 0
        }
        return Traffic(reads: value("total_reads_processed"), commands: value("total_commands_processed"))
    }
}

extension Fixture {
    /// Adds streams `s0`, `s1`, … with three entries each, of which a consumer has read the first.
    func addStreams(_ numbers: Range<Int>) async throws {
        for number in numbers {
            try await add(numbered: 1...3, to: keys.stream("s\(number)"))
            try await gem.commit("1-0", of: "indexer", on: "s\(number)")
        }
    }
}
