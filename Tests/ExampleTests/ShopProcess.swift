import FoundationEssentials
import GRDB
import Redstream
import RedstreamConnection
import RedstreamSystem
import TestSupport

/// The shop of Examples/shop: its databases in a directory, its messages in a namespace, its commands as processes.
struct ShopProcess: Sendable {
    let fixture: Fixture
    private let directory: TemporaryDirectory

    init(_ fixture: Fixture) throws {
        self.fixture = fixture
        directory = try TemporaryDirectory()
    }

    /// Starts a command; `url` names a stand-in for the server.
    func start(_ arguments: String..., url: String? = nil) throws -> ToolProcess { try start(arguments, url: url) }

    /// Runs a command that has to succeed, and returns its output.
    @discardableResult
    func run(_ arguments: String...) async throws -> String {
        let result = try await start(arguments).result(within: .seconds(60))
        guard result.exit == .status(0) else { throw Failure(description: "\(arguments): \(result)") }
        return result.output
    }

    /// Runs a command that has to end by SIGKILL.
    func runKilled(_ arguments: String...) async throws {
        let result = try await start(arguments).result()
        guard result.exit == .signal(9) else { throw Failure(description: "\(arguments) was not killed: \(result)") }
    }

    /// Starts the services, with a short delay.
    func serve(delay: Duration = .milliseconds(300)) throws -> ToolProcess {
        try start("serve", "--delay", "\(Double(delay.milliseconds) / 1000)", "--trim-interval", "0.1")
    }

    /// The payloads of all messages, as ids.
    func messages() async throws -> Messages {
        func ids(_ key: RedisKey) async throws -> [Int] {
            try await fixture.entries(key).map { entry in
                guard entry.fields.first == "payload", entry.fields.count == 2 else { return -1 }
                return Int(entry.fields[1].dropFirst(#"{"id":"#.count).dropLast()) ?? -1
            }
        }
        return Messages(
            delayed: try await ids(fixture.keys.delayStream("products")),
            immediate: try await ids(fixture.keys.stream("products")))
    }

    /// Waits until no delay message is left, and both consumers have committed all that there is.
    func settle() async throws {
        try await eventually("everything is consumed", within: .seconds(40)) {
            guard try await fixture.length(fixture.keys.delayStream("products")) == 0 else { return false }
            let information = try await fixture.redis("XINFO", "STREAM", fixture.keys.stream("products")).elements
            let place = information.firstIndex { $0.string == "last-generated-id" }
            let last = place.flatMap { information[$0 + 1].string }
            let offsets = try await [offset(of: "index"), offset(of: "cache")]
            return offsets == [last, last]
        }
    }

    /// Returns the offset of a consumer; nil before it first reads.
    func offset(of consumer: String) async throws -> String? {
        try await fixture.string(fixture.keys.offset(ConsumerName(stream: "products", name: consumer)))
    }

    /// Saves products, has them consumed by services that stop then, and their messages trimmed.
    func stock(_ count: Int) async throws {
        try await run("fill", "\(count)")
        let services = try serve()
        try await settle()
        try await eventually("what is consumed is trimmed") { try await messages() == Messages() }
        services.signal(SIGTERM)
        guard try await services.result().exit == .status(0) else { throw Failure(description: services.errorsSoFar) }
    }

    /// Compares the secondaries with the primary, by the shop's own command: its exit status.
    func check() async throws -> ChildProcess.Exit {
        try await start(["check"]).result(within: .seconds(60)).exit
    }

    /// A look at one of the databases.
    func read<Value: Sendable>(_ database: String, _ look: @Sendable (Database) throws -> Value) async throws -> Value {
        var configuration = Configuration()
        configuration.readonly = true
        return try await DatabaseQueue(path: path(database), configuration: configuration).read(look)
    }

    /// The path of one of the databases.
    func path(_ database: String) -> String { "\(directory.path)/\(database).sqlite" }

    /// The price of a product in the primary; nil where there is none.
    func price(_ id: Int) async throws -> Int? {
        try await read("primary") {
            try Int.fetchOne($0, sql: "SELECT price FROM product WHERE id = ?", arguments: [id])
        }
    }

    private func start(_ arguments: [String], url: String? = nil) throws -> ToolProcess {
        var environment = fixture.toolEnvironment
        environment["REDSTREAM_URL"] = url ?? environment["REDSTREAM_URL"]
        return try ToolProcess(
            arguments + ["--directory", directory.path], environment: environment,
            program: Self.executable)
    }

    static var executable: String {
        ToolProcess.executable.split(separator: "/").dropLast().map { "/\($0)" }.joined() + "/shop-example"
    }
}

/// The products that the delay messages and the immediate messages name, in order.
struct Messages: Equatable {
    var delayed: [Int] = []
    var immediate: [Int] = []
}

struct Failure: Error, CustomStringConvertible {
    let description: String
}
