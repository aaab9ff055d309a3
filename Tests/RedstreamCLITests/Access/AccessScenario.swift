import Redstream
import RedstreamConnection
import TestSupport
import Testing

@testable import RedstreamCLI

/// A task as a user does it who has no other rights than those that it needs.
struct AccessScenario: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let rules: AccessRules
    /// The ways of doing it that need more than the rest.
    var occasions: [String] = []
    /// The exit code of the tool with all rights.
    var exit = RedstreamCLI.ExitCode.done
    /// Makes what the task works on, in an empty namespace.
    var prepare: @Sendable (Fixture) async throws -> Void = { _ in }
    /// True if the task is about a stream that was named.
    var namesStream: Bool {
        !["inspect-offsets", "delay without --stream", "trim --committed"].contains(testDescription)
    }
    /// Does it.
    let run: @Sendable (AccessUser) async throws -> ToolProcess.Result

    init(
        _ description: String, _ rules: AccessRules, _ occasions: String..., exit: RedstreamCLI.ExitCode = .done,
        prepare: @escaping @Sendable (Fixture) async throws -> Void,
        run: @escaping @Sendable (AccessUser) async throws -> ToolProcess.Result
    ) {
        testDescription = description
        self.rules = rules
        self.occasions = occasions
        self.exit = exit
        self.prepare = prepare
        self.run = run
    }

    /// The words of ACL SETUSER for it, and for nothing else.
    func words(in keyspace: Keyspace) -> [String] {
        var exact = rules
        exact.additions.removeAll { !occasions.contains($0.occasion) }
        return exact.words(in: keyspace)
    }
}

/// A user of a server with few rights, in a namespace.
struct AccessUser: Sendable {
    let fixture: Fixture
    let name: String

    static let password = "s3kret"

    /// The variables by which the tool is this user.
    var environment: [String: String] {
        var environment = fixture.toolEnvironment
        environment["REDSTREAM_URL"] = url(of: fixture.server.socketPath)
        return environment
    }

    /// The URL of a socket with the user's name and password.
    func url(of socket: String) -> String { "unix://\(name):\(Self.password)@\(socket)" }

    /// Gives the user these rights, and no others.
    func setRights(_ words: [String]) async throws {
        let rules = ["reset", "on", ">\(Self.password)", "resetchannels"] + words
        let arguments: [any RedisArgument] = ["SETUSER", name] + rules
        try await fixture.raw { try await $0.call("ACL", arguments) }
    }

    /// Runs the tool as this user.
    func tool(_ arguments: String...) async throws -> ToolProcess.Result {
        try await ToolProcess.run(arguments, environment: environment)
    }

    /// Runs a service as this user until it waits in a command of Redis, then stops it as a supervisor does.
    func service(untilIn command: String, _ arguments: String...) async throws -> ToolProcess.Result {
        let tool = try ToolProcess(arguments, environment: environment)
        try await wait(for: tool, in: command)
        tool.signal(15)
        return try await tool.result()
    }

    /// Runs a command as this user until it waits for a lock that is held, then has the lock released.
    func standby(for lock: LockName, _ arguments: String...) async throws -> ToolProcess.Result {
        let tool = try ToolProcess(arguments, environment: environment)
        try await wait(for: tool, in: "brpop")
        try await fixture.redis("DEL", lock.key)
        try await fixture.redis("RPUSH", lock.notifyKey, 1)
        return try await tool.result()
    }

    /// Waits until the tool waits in a command of Redis, or has ended.
    private func wait(for tool: ToolProcess, in command: String) async throws {
        try await eventually("the tool waits in \(command), or has ended") {
            if tool.exit != nil { return true }
            let clients = try await fixture.redis("CLIENT", "LIST").string ?? ""
            return clients.split(separator: "\n").contains {
                // Blocked: one that was denied has been the last command too.
                $0.contains(" cmd=\(command) ") && $0.contains(" user=\(name) ") && $0.contains(" flags=b")
            }
        }
    }
}

extension Fixture {
    /// Runs commands on a connection that the code under test does not share.
    @discardableResult
    func raw<Value: Sendable>(_ body: (RedisConnection) async throws -> Value) async throws -> Value {
        let connection = try await RedisConnection.connect(to: server.configuration, name: "tests:access")
        defer { connection.close() }
        return try await body(connection)
    }
}
