package import Redstream
package import RedstreamConnection

/// A namespace of a test's own on a server, and what a test does with it.
package struct Fixture: Sendable {
    /// The server.
    package let server: RedisServer
    /// The namespace; every key starts with it.
    package let namespace: String
    /// A client of the namespace.
    package let client: StreamClient
    let raw: RedisPool

    init(server: RedisServer, namespace: String) {
        self.server = server
        self.namespace = namespace
        client = StreamClient(server.configuration, namespace: namespace)
        // A busy machine may keep a test waiting; what is tested has bounds of its own.
        var configuration = server.configuration
        configuration.connectTimeout = .seconds(30)
        configuration.commandTimeout = .seconds(30)
        raw = RedisPool(
            configuration, settings: .init(size: 4, waitTimeout: .seconds(30)), name: "tests:raw")
    }

    /// The names of the namespace's keys.
    package var keys: Keyspace { client.keys }

    /// Another client, as another process would have it.
    package func makeClient(_ change: (inout RedisConfiguration) -> Void = { _ in }) -> StreamClient {
        var configuration = server.configuration
        change(&configuration)
        return StreamClient(configuration, namespace: namespace)
    }

    /// Runs any command on a connection that the code under test does not share.
    ///
    /// - Throws: `RedisError`, also for an error that the server answered.
    @discardableResult
    package func redis(_ command: String, _ arguments: any RedisArgument...) async throws -> RedisReply {
        try await overConnection { try await $0.call(command, arguments) }
    }

    /// Runs commands over a connection; a server that closes idle ones may close it before a busy machine sends any.
    private func overConnection<Value: Sendable>(
        _ body: @Sendable (RedisConnection) async throws -> Value
    ) async throws -> Value {
        while true {
            do {
                return try await raw.withConnection(for: nil, body)
            } catch let error as RedisError where error.cause == .closedWhileIdle {
                try Task.checkCancellation()
            }
        }
    }

    /// A string's value; nil where there is no key.
    package func string(_ key: some RedisArgument) async throws -> String? {
        try await redis("GET", key).string
    }

    /// Runs the built tool against this namespace.
    package func tool(
        _ arguments: String..., environment: [String: String] = [:], input: ToolProcess.Input = .nothing
    ) throws -> ToolProcess {
        try ToolProcess(
            arguments, environment: toolEnvironment.merging(environment) { $1 }, input: input)
    }

    /// The variables by which the tool finds this namespace.
    package var toolEnvironment: [String: String] {
        ["REDSTREAM_URL": server.url, "REDSTREAM_NAMESPACE": namespace]
    }
}

extension Fixture {
    /// An entry as it stands in a stream.
    package struct Entry: Equatable, CustomStringConvertible {
        /// Its id.
        package let id: String
        /// Names and values in turn.
        package let fields: [String]

        /// Creates an entry to compare with.
        package init(_ id: String, _ fields: String...) {
            self.id = id
            self.fields = fields
        }

        init(_ entry: StreamEntries.Entry) {
            id = String(decoding: entry.id, as: UTF8.self)
            fields = (0..<entry.fieldElementCount).map {
                String(decoding: entry.fieldElement($0), as: UTF8.self)
            }
        }

        /// The id and the fields.
        package var description: String { "\(id) \(fields)" }
    }

    /// All entries of the stream with that key.
    package func entries(_ key: some RedisArgument) async throws -> [Entry] {
        StreamEntries(range: try await redis("XRANGE", key, "-", "+")).map(Entry.init)
    }

    /// The number of entries of the stream with that key.
    package func length(_ key: some RedisArgument) async throws -> Int {
        try await redis("XLEN", key).integer ?? 0
    }

    /// Appends an entry with the field `payload`, and returns its id.
    @discardableResult
    package func add(_ payload: String = "{}", id: String = "*", to key: some RedisArgument) async throws -> String {
        try await redis("XADD", key, id, "payload", payload).string ?? ""
    }

    /// Appends entries with the ids `<milliseconds>-0`, whose payloads are the milliseconds.
    package func add(numbered milliseconds: ClosedRange<Int>, to key: some RedisArgument) async throws {
        var pipeline = RedisPipeline()
        for number in milliseconds { pipeline.append("XADD", key, "\(number)-0", "payload", number) }
        let commands = pipeline
        _ = try await overConnection { try await $0.executeChecked(commands) }
    }

    /// The server's clock, in milliseconds since 1970.
    package func serverTime() async throws -> Int {
        let parts = try await redis("TIME").elements.compactMap(\.integer)
        return parts[0] * 1000 + parts[1] / 1000
    }
}
