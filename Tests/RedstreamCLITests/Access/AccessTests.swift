import FoundationEssentials
import Redstream
import RedstreamConnection
import TestSupport
import Testing

@testable import RedstreamCLI

/// The rights that each task needs are those that the table says: no fewer, and no more.
@Suite(.timeLimit(.minutes(4))) struct AccessTests {
    /// Runs a test with a user who has no rights yet, on a server of its own, whose scripts can be removed.
    private func withUser(_ body: (AccessUser) async throws -> Void) async throws {
        try await RedisServer.with { server in
            try await withNamespace(on: server) { fixture in
                try await body(AccessUser(fixture: fixture, name: fixture.namespace))
            }
        }
    }

    private func prepare(_ scenario: AccessScenario, _ fixture: Fixture) async throws {
        for key in try await fixture.redis("KEYS", "\(fixture.namespace):*").elements.compactMap(\.string) {
            try await fixture.redis("DEL", key)
        }
        // A script that the server knows already needs no right to load it.
        try await fixture.redis("SCRIPT", "FLUSH")
        try await scenario.prepare(fixture)
    }

    @Test(arguments: AccessScenario.all)
    func theRightsInTheTableAreEnoughAndEachOfThemIsNeeded(scenario: AccessScenario) async throws {
        try await withUser { user in
            let words = scenario.words(in: user.fixture.keys)
            try await user.setRights(words)
            try await prepare(scenario, user.fixture)
            let result = try await scenario.run(user)
            result.expect(scenario.exit)
            #expect(!result.errors.contains("NOPERM"), "\(result.errors)")
            for missing in words {
                try await user.setRights(words.filter { $0 != missing })
                try await prepare(scenario, user.fixture)
                let result = try await scenario.run(user)
                expect(result, toLack: missing, user)
            }
        }
    }

    /// A sentence that says what was denied, and a hint that grants it.
    private func expect(_ result: ToolProcess.Result, toLack missing: String, _ user: AccessUser) {
        let all = result.output + result.errors
        #expect(result.exit == .status(1), "without \(missing): \(all)")
        #expect(result.errors.contains("redstream: cannot "), "without \(missing): \(all)")
        #expect(result.errors.contains(": NOPERM "), "without \(missing): \(all)")
        let hint = result.errorLines.first { $0.hasPrefix("hint: ACL SETUSER \(user.name) ") } ?? ""
        // Of the keys only those of the stream that was named are to be opened.
        let wanted = missing.hasPrefix("~") ? missing.prefix { $0 != "*" } : missing[...]
        let words = hint.split(separator: " ")
        #expect(
            words.contains { missing.hasPrefix("~") ? $0.hasPrefix(wanted) : $0 == wanted },
            "without \(missing): \(all)")
        #expect(!all.contains(AccessUser.password))
    }

    // Those that are about one consumer after another get a hint for each.
    @Test(arguments: AccessScenario.all.filter { !$0.testDescription.hasSuffix(", of none") })
    func theHintForAKeyGrantsWhatTheTaskNeedsOfItsStreamOnly(scenario: AccessScenario) async throws {
        try await withUser { user in
            let commands = scenario.words(in: user.fixture.keys).filter { !$0.hasPrefix("~") }
            try await user.setRights(commands)
            try await prepare(scenario, user.fixture)
            let denied = try await scenario.run(user)
            let hint = denied.errorLines.last { $0.hasPrefix("hint: ACL SETUSER \(user.name) ") } ?? ""
            let keys = hint.split(separator: " ").filter { $0.hasPrefix("~") }.map(String.init)
            #expect(!keys.isEmpty, "\(denied.errors)")
            if scenario.namesStream {
                for key in keys { #expect(key.contains(":products"), "\(hint)") }
                #expect(!keys.contains { $0.hasSuffix("products*") }, "\(hint)")
            }
            try await user.setRights(commands + keys)
            try await prepare(scenario, user.fixture)
            let result = try await scenario.run(user)
            result.expect(scenario.exit)
            #expect(!result.errors.contains("NOPERM"), "\(result.errors)")
        }
    }

    @Test func everyWayOfEveryTaskIsTried() {
        for rules in AccessRules.table where rules.task != AccessRules.completion.task {
            let scenarios = AccessScenario.all.filter { $0.rules.task == rules.task }
            #expect(
                scenarios.contains { $0.occasions.isEmpty },
                "no scenario tries \(rules.task): add one to AccessScenario+All.swift")
            for addition in rules.additions {
                #expect(
                    scenarios.contains { $0.occasions.contains(addition.occasion) },
                    "no scenario tries \(rules.task) \(addition.occasion): add one to AccessScenario+All.swift")
            }
        }
    }

    @Test func aUserWhoMayScanIsOfferedNamesAndAnotherNone() async throws {
        try await withUser { user in
            let words = AccessRules.completion.words(in: user.fixture.keys)
            try await user.fixture.add(to: user.fixture.keys.stream("products"))
            try await user.setRights(words)
            var configuration = user.fixture.server.configuration
            configuration.username = user.name
            configuration.password = Secret(AccessUser.password)
            let keys = user.fixture.keys
            let names = NameSearch(in: configuration, keys, within: .seconds(20))
            #expect(names.streams(beginningWith: "").names == ["products"])
            try await user.setRights([])
            #expect(!NameSearch(in: configuration, keys, within: .seconds(20)).streams(beginningWith: "").isComplete)
        }
    }

    @Test func aDatabaseNumberTakesOneRuleMore() async throws {
        try await withUser { user in
            let words = AccessRules.produce.words(in: user.fixture.keys)
            let url = user.url(of: user.fixture.server.socketPath) + "?db=1"
            func produce() async throws -> ToolProcess.Result {
                try await user.tool("produce", "--stream", "products", "1", "--url", url)
            }
            try await user.setRights(words)
            try await expect(produce(), toLack: "+select", user)
            try await user.setRights(words + ["+select"])
            try await produce().expect(.done)
            try await user.fixture.raw { connection in
                try await connection.call("SELECT", 1)
                try await connection.call("DEL", user.fixture.keys.stream("products"))
            }
        }
    }

    @Test func behindSentinelsTheRoleIsAskedFor() async throws {
        let secret = AccessUser.password
        let words = AccessRules.produce.words(in: Keyspace()).joined(separator: " ")
        let users = ["some on >\(secret) \(words)", "all on >\(secret) \(words) +role"]
        try await RedisServer.with(.init(listensOnTCP: true, users: users)) { primary in
            let lines = ["sentinel monitor shop 127.0.0.1 \(primary.port ?? 0) 1"]
            let keepers = ["some on >\(secret) +sentinel|master", "all on >\(secret) +sentinel|master"]
            let options = RedisServer.Options(
                listensOnTCP: true, password: "0ther", users: keepers, isSentinel: true, lines: lines)
            try await RedisServer.with(options) { sentinel in
                func produce(_ user: String) async throws -> ToolProcess.Result {
                    try await ToolProcess.run([
                        "produce", "--stream", "products", "1", "--url",
                        "redis+sentinel://\(user):\(secret)@127.0.0.1:\(sentinel.port ?? 0)/shop",
                    ])
                }
                try await produce("all").expect(.done)
                let denied = try await produce("some")
                denied.expect(.failed)
                #expect(denied.errors.contains(": NOPERM "), "\(denied.errors)")
                #expect(denied.errors.contains("hint: ACL SETUSER some +role grants it"), "\(denied.errors)")
            }
        }
    }

    @Test func inAClusterItsSlotsAreAskedFor() async throws {
        try await withClusterStream { stream in
            let (user, secret) = ("u-\(UInt32.random(in: .min ... .max))", AccessUser.password)
            let words = AccessRules.produce.words(in: stream.keys)
            func setRights(_ words: [String]) async throws {
                let arguments: [any RedisArgument] =
                    ["SETUSER", user, "reset", "on", ">\(secret)", "resetchannels"] + words
                for node in stream.cluster.nodes {
                    let connection = try await RedisConnection.connect(to: node.configuration)
                    defer { connection.close() }
                    try await connection.call("ACL", arguments)
                }
            }
            func produce() async throws -> ToolProcess.Result {
                let url = stream.cluster.url().replacing("://", with: "://\(user):\(secret)@")
                return try await ToolProcess.run(["produce", "--stream", stream.name, "1", "--url", url])
            }
            try await setRights(words + ["+cluster|slots"])
            try await produce().expect(.done)
            try await setRights(words)
            let denied = try await produce()
            denied.expect(.failed)
            #expect(denied.errors.contains(": NOPERM "), "\(denied.errors)")
            #expect(
                denied.errors.contains("hint: ACL SETUSER \(user) +cluster|slots grants it"), "\(denied.errors)")
            for node in stream.cluster.nodes {
                let connection = try await RedisConnection.connect(to: node.configuration)
                defer { connection.close() }
                try await connection.call("ACL", "DELUSER", user)
            }
        }
    }

    @Test func theShellNamesTheRuleForRedissCommandsToo() async throws {
        try await withUser { user in
            try await user.setRights(AccessRules.inspect.words(in: user.fixture.keys))
            let inspect = try await user.tool("shell", "-c", "inspect-offsets")
            inspect.expect(.done)
            let denied = try await user.tool("shell", "-c", "HGETALL x")
            denied.expect(.failed)
            #expect(denied.errors.contains("NOPERM "), "\(denied.errors)")
            #expect(denied.errors.contains("hint: ACL SETUSER \(user.name) +hgetall grants it"), "\(denied.errors)")
        }
    }
}

/// The advice on a denial, in the words of each server.
@Suite struct AccessAdviceTests {
    private let advice = AccessAdvice(
        rules: .look, keyspace: Keyspace(namespace: "shop"), user: "reader")

    @Test(arguments: [
        "NOPERM this user has no permissions to run the 'xinfo' command or its subcommand",
        "NOPERM this user has no permissions to run the 'xinfo|stream' command",
        "NOPERM User reader has no permissions to run the 'xinfo|stream' command",
        "NOPERM ACL failure in script: User reader has no permissions to run the 'xinfo|stream' command",
    ])
    func theCommandThatIsNamedIsGranted(denial: String) {
        #expect(advice.hint(for: denial) == "ACL SETUSER reader +xinfo|stream grants it")
    }

    @Test(arguments: [
        "NOPERM this user has no permissions to access one of the keys used as arguments",
        "NOPERM No permissions to access a key",
        "NOPERM The user executing the script can't access at least one of the keys mentioned in the command arguments",
    ])
    func aKeyIsNeverNamedSoAllPatternsAre(denial: String) {
        #expect(
            advice.hint(for: denial)
                == "ACL SETUSER reader ~shop:redstream:stream:* ~shop:redstream:offset:*:* grants all that consume "
                + "without --name needs")
    }

    @Test func theKeysOfTheStreamThatWasNamedAreAll() {
        var advice = advice
        advice.rules = .consume
        advice.scope = AccessScope(["a*b"], suffixes: ["", ".index er.dead"], consumer: "index er")
        #expect(
            advice.hint(for: "NOPERM No permissions to access a key")
                == #"""
                ACL SETUSER reader ~shop:redstream:stream:a\*b '~shop:redstream:stream:a\*b.index er.dead' \
                '~shop:redstream:offset:a\*b:index er' '~shop:redstream:lock:consumer:a\*b:index er' \
                '~shop:redstream:lock:consumer:a\*b:index er.notify' '~shop:redstream:attempts:a\*b:index er' \
                '~shop:redstream:replays:a\*b:index er' grants all that consume --name needs
                """#.replacing("\\\n", with: ""))
    }

    @Test func aScriptThatDoesNotSayWhatItWasDeniedGetsAllCommands() {
        let denial = "NOPERM The user executing the script can't run this command or subcommand"
        #expect(
            advice.hint(for: denial)
                == "ACL SETUSER reader +get +time +xinfo|stream +xread grants all that consume without --name needs")
    }

    @Test func aNamespaceIsNoPattern() {
        #expect(AccessRules.KeyKind.streams.pattern(in: Keyspace(namespace: "a*")) == #"a\*:redstream:stream:*"#)
    }
}

/// The page on access rules has the table of the code, and an example of it.
@Suite struct AccessDocumentTests {
    private func page() throws -> String {
        let root = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
        return try String(contentsOfFile: "\(root)/docs/access-rules.md", encoding: .utf8)
    }

    @Test func thePageHasTheTable() throws {
        let page = try page()
        #expect(page.contains("\n\(AccessRules.markdown.joined(separator: "\n"))\n"), "run 'make docs'")
        let stale = page.replacing("| `Producer`", with: "| `Nobody`")
        #expect(try stale != page && Documentation.withAccessRules(stale) == page)
    }

    @Test func eachRowThatIsDeclaredIsInTheTable() throws {
        let root = #filePath.split(separator: "/").dropLast(4).map { "/\($0)" }.joined()
        let file = "\(root)/Sources/RedstreamCLI/Access/AccessRules+Table.swift"
        let source = try String(contentsOfFile: file, encoding: .utf8)
        #expect(source.matches(of: /= AccessRules\(/).count == AccessRules.table.count, "name it in 'table'")
    }

    @Test func itsExampleGivesAConsumerWhatItNeeds() throws {
        let wanted =
            ["redis-cli", "ACL", "SETUSER", "indexer", "on", ">secret", "resetchannels"]
            + AccessRules.consume.words(in: Keyspace(), includingAdditions: false)
        let words = try page().split { " \n\\'".contains($0) }.map(String.init)
        #expect(words.ranges(of: wanted).count == 1, "\(wanted.joined(separator: " "))")
    }
}
