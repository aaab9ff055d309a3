import Redstream
import RedstreamConnection
import Synchronization
import TestSupport

@testable import RedstreamCLI

extension AccessScenario {
    private static let indexer = ConsumerName(stream: "products", name: "indexer")

    /// Two entries, 1-0 and 2-0.
    private static func entries(_ fixture: Fixture) async throws {
        try await fixture.add(numbered: 1...2, to: fixture.keys.stream("products"))
    }

    private static func delayEntries(_ fixture: Fixture) async throws {
        try await fixture.add(numbered: 1...2, to: fixture.keys.delayStream("products"))
    }

    private static func offset(_ fixture: Fixture) async throws {
        try await entries(fixture)
        try await fixture.setOffset("1-0")
    }

    private static func letter(_ fixture: Fixture) async throws {
        let names = [
            "redstream-dead-stream", "products", "redstream-dead-id", "2-0", "redstream-dead-consumer", "indexer",
            "redstream-dead-reason", "bad", "redstream-dead-time", "1", "redstream-dead-attempts", "3",
            "redstream-dead-replays", "0", "payload", "2",
        ]
        let arguments: [any RedisArgument] = [fixture.keys.deadLetters(indexer), "5-0"] + names
        try await fixture.raw { try await $0.call("XADD", arguments) }
        try await offset(fixture)
        // Of an earlier replay, committed since.
        try await fixture.redis("HSET", fixture.keys.replays(indexer), "1-0", 1)
    }

    /// A letter of one consumer, and another consumer that has none.
    private static func letterOfOne(_ fixture: Fixture) async throws {
        try await letter(fixture)
        try await fixture.redis("SET", fixture.keys.offset(ConsumerName(stream: "products", name: "cacher")), "1-0")
    }

    /// Does something to the letters of both.
    private static func both(_ command: String..., as user: AccessUser) async throws -> ToolProcess.Result {
        for consumer in ["indexer", "cacher"] {
            let words = ["dead-letters"] + command + ["--stream", "products", "--consumer", consumer]
            let result = try await ToolProcess.run(words, environment: user.environment)
            if consumer == "cacher" || result.exit != .status(0) { return result }
        }
        throw RedstreamError.unknownStream("products")
    }

    static let all = producing + consuming + serving + operating + deadLetters

    private static let producing = [
        AccessScenario("produce", .produce, prepare: { _ in }) {
            try await $0.tool("produce", "--stream", "products", "1")
        },
        AccessScenario("produce --delayed", .produce, prepare: { _ in }) {
            try await $0.tool("produce", "--stream", "products", "--delayed", "1")
        },
        AccessScenario(
            "produce --wait-replicas", .produce, "with --wait-replicas", exit: .failed, prepare: { _ in }
        ) {
            try await $0.tool(
                "produce", "--stream", "products", "--wait-replicas", "1", "--wait-timeout", "1ms", "1")
        },
        AccessScenario(
            "produce --keep-ids, and an answer is lost", .produce, "with --keep-ids, after a lost connection",
            prepare: { _ in }, run: producingAgain),
    ]

    @Sendable private static func producingAgain(_ user: AccessUser) async throws -> ToolProcess.Result {
        let wasCut = Mutex(false)
        let proxy = try RedisProxy(user.fixture.server) { traffic in
            guard case .replies(let text) = traffic, text.contains("7-0") else { return .pass }
            return wasCut.withLock { was in
                defer { was = true }
                return was ? .pass : .cut
            }
        }
        guard case .unix(let path) = proxy.configuration.address else { throw RedstreamError.unknownStream("proxy") }
        var environment = user.environment
        environment["REDSTREAM_URL"] = user.url(of: path)
        return try await ToolProcess(
            ["produce", "--stream", "products", "--records", "--keep-ids"], environment: environment,
            input: .text(#"{"id":"7-0","stream":"products","payload":1}"# + "\n")
        ).result()
    }

    private static let consuming = [
        AccessScenario("consume", .look, prepare: entries) {
            try await $0.tool("consume", "--stream", "products", "--exit-at-end")
        },
        AccessScenario("consume --from committed:", .look, "with --from committed:NAME", prepare: offset) {
            try await $0.tool("consume", "--stream", "products", "--from", "committed:indexer", "--exit-at-end")
        },
        AccessScenario("consume --name", .consume, prepare: entries) {
            try await $0.tool("consume", "--stream", "products", "--name", "indexer", "--exit-at-end", "--exec", "true")
        },
        AccessScenario(
            "consume --name, standing by", .consume, "to stand by for a lock, and with --shards",
            prepare: {
                try await entries($0)
                try await $0.hold($0.keys.lock(indexer))
            },
            run: {
                try await $0.standby(
                    for: $0.fixture.keys.lock(indexer), "consume", "--stream", "products", "--name", "indexer",
                    "--exit-at-end", "--exec", "true")
            }),
        AccessScenario(
            "consume --shards, standing by", .consume, "to stand by for a lock, and with --shards",
            prepare: {
                try await $0.add(numbered: 1...2, to: $0.keys.stream("products-0"))
                try await $0.hold($0.keys.lock(ConsumerName(stream: "products-0", name: "indexer")))
            },
            run: {
                try await $0.standby(
                    for: $0.fixture.keys.lock(ConsumerName(stream: "products-0", name: "indexer")), "consume",
                    "--stream", "products", "--shards", "1", "--name", "indexer", "--exit-at-end", "--exec", "true")
            }),
        AccessScenario("consume --max-attempts", .consume, "with --max-attempts", prepare: entries) {
            try await $0.tool(
                "consume", "--stream", "products", "--name", "indexer", "--exit-at-end", "--max-attempts", "2",
                "--exec", #"test "$REDSTREAM_ATTEMPT" -gt 1"#)
        },
        AccessScenario(
            "consume --on-failure dead-letter", .consume, "with --max-attempts", "with --on-failure dead-letter",
            prepare: entries
        ) {
            try await $0.tool(
                "consume", "--stream", "products", "--name", "indexer", "--exit-at-end", "--max-attempts", "1",
                "--on-failure", "dead-letter", "--exec", "false")
        },
    ]

    private static let serving = [
        AccessScenario("delay --once", .delay, prepare: delayEntries) {
            try await $0.tool("delay", "--stream", "products", "--delay", "1ms", "--once")
        },
        AccessScenario("delay", .delay, "without --once", prepare: delayEntries) {
            try await $0.service(untilIn: "xread", "delay", "--stream", "products", "--delay", "1ms")
        },
        AccessScenario("delay without --stream", .delay, "without --stream", prepare: delayEntries) {
            try await $0.tool("delay", "--delay", "1ms", "--once")
        },
        AccessScenario(
            "delay, standing by", .delay, "to stand by for a lock, and with --shards",
            prepare: {
                try await delayEntries($0)
                try await $0.hold($0.keys.lock(.delayer(of: "products")))
            },
            run: {
                try await $0.standby(
                    for: $0.fixture.keys.lock(.delayer(of: "products")), "delay", "--stream", "products", "--delay",
                    "1ms", "--once", "--wait")
            }),
        AccessScenario("trim --expiry", .trim, prepare: trimmed) {
            try await $0.tool("trim", "--stream", "products", "--expiry", "1s", "--once")
        },
        AccessScenario("trim --committed", .trim, prepare: trimmed) {
            try await $0.tool("trim", "--committed", "--once")
        },
        AccessScenario(
            "trim --wait", .trim, "with --wait",
            prepare: {
                try await trimmed($0)
                try await $0.hold($0.keys.trimmerLock("products"))
            },
            run: {
                try await $0.standby(
                    for: $0.fixture.keys.trimmerLock("products"), "trim", "--stream", "products", "--expiry", "1s",
                    "--once", "--wait")
            }),
    ]

    /// Entries of more than one node of the stream, all of them old, and committed up to the middle of a node.
    @Sendable private static func trimmed(_ fixture: Fixture) async throws {
        try await fixture.add(numbered: 1...250, to: fixture.keys.stream("products"))
        try await fixture.setOffset("240-0")
    }

    private static let operating = [
        AccessScenario(
            "inspect-offsets", .inspect,
            prepare: {
                try await offset($0)
                try await delayEntries($0)
            },
            run: { try await $0.tool("inspect-offsets", "--delay", "1s") }),
        AccessScenario("seek --to earliest", .seek, prepare: offset) {
            try await $0.tool("seek", "--stream", "products", "--name", "indexer", "--to", "earliest")
        },
        AccessScenario("seek to a time", .seek, "to a time", prepare: offset) {
            try await $0.tool("seek", "--stream", "products", "--name", "indexer", "--to", "5m")
        },
        AccessScenario("seek --shift-by -1", .seek, "with a negative --shift-by", prepare: offset) {
            try await $0.tool("seek", "--stream", "products", "--name", "indexer", "--shift-by", "-1")
        },
        AccessScenario("forget", .forget, prepare: offset) {
            try await $0.tool("forget", "--stream", "products", "--name", "indexer")
        },
        AccessScenario("dead-letters list", .deadLetters, prepare: letter) {
            try await $0.tool("dead-letters", "list", "--stream", "products", "--consumer", "indexer")
        },
        AccessScenario("dead-letters show", .deadLetters, prepare: letter) {
            try await $0.tool("dead-letters", "show", "--stream", "products", "--consumer", "indexer")
        },
        AccessScenario("dead-letters replay", .replay, prepare: letter) {
            try await $0.tool("dead-letters", "replay", "--stream", "products", "--consumer", "indexer", "--yes")
        },
        AccessScenario("dead-letters purge", .purge, prepare: letter) {
            try await $0.tool("dead-letters", "purge", "--stream", "products", "--consumer", "indexer", "--yes")
        },
    ]

    private static let none = "of a consumer that has none"

    private static let deadLetters = [
        AccessScenario("dead-letters list, of none", .deadLetters, none, prepare: letterOfOne) {
            try await both("list", as: $0)
        },
        AccessScenario("dead-letters replay, of none", .replay, none, prepare: letterOfOne) {
            try await both("replay", "--yes", as: $0)
        },
        AccessScenario("dead-letters purge, of none", .purge, none, prepare: letterOfOne) {
            try await both("purge", "--yes", as: $0)
        },
    ]
}
