import FoundationEssentials
package import RedstreamConnection
import RedstreamSystem
import Synchronization

/// A redis-server of a test's own, on a socket in a directory of its own; both go with the test process at the latest.
package final class RedisServer: Sendable {
    /// The options of a server.
    ///
    /// By default it keeps nothing on disk and listens on its socket only.
    package struct Options: Sendable {
        /// True if each write is on disk before it is acknowledged, so that it survives any end.
        package var isDurable = false
        /// True if it listens on a free port of 127.0.0.1 too.
        package var listensOnTCP = false
        /// The default user's password.
        package var password: String?
        /// ACL users, each as in `alice on >secret ~* &* +@all`.
        package var users: [String] = []
        /// True if it is a sentinel, which keeps no data and watches others.
        package var isSentinel = false
        /// True if a write beyond the limit of a file's size fails, as one to a full disk does, and does not kill.
        package var survivesFileSizeLimit = false
        /// The certificates of its port; nil for a port without TLS.
        package var tls: TLS?
        /// True if it is to be a node of a cluster, which needs a second port for the others.
        package var isClusterNode = false
        /// The wall clock that it goes by; nil for the true time.
        package var clock: ShiftedClock?
        /// Further lines for redis.conf, such as `maxmemory 2mb`.
        package var lines: [String] = []

        /// Creates options.
        package init(
            isDurable: Bool = false, listensOnTCP: Bool = false, password: String? = nil,
            users: [String] = [], isSentinel: Bool = false, survivesFileSizeLimit: Bool = false,
            tls: TLS? = nil, isClusterNode: Bool = false, clock: ShiftedClock? = nil, lines: [String] = []
        ) {
            self.isDurable = isDurable
            self.listensOnTCP = listensOnTCP
            self.password = password
            self.users = users
            self.isSentinel = isSentinel
            self.survivesFileSizeLimit = survivesFileSizeLimit
            self.tls = tls
            self.isClusterNode = isClusterNode
            self.clock = clock
            self.lines = lines
        }
    }

    /// A server that did not start, and what it said.
    package struct StartFailure: Error, CustomStringConvertible {
        package let description: String
    }

    /// The program that tests run: redis-server, or another server of the same protocol in its place.
    package static var program: String { getenv("REDIS_SERVER").map { String(cString: $0) } ?? "redis-server" }

    private static let sharedTask = Task { try await RedisServer.start() }

    /// The server that tests share, each in a namespace of its own; started by the first.
    package static var shared: RedisServer {
        get async throws { try await sharedTask.value }
    }

    /// The path of its socket.
    package let socketPath: String
    /// Its port on 127.0.0.1, where it listens on one.
    package let port: Int?
    /// The TLS settings of a client that trusts its authority; nil for a port without TLS.
    package let tls: RedisConfiguration.TLS?
    /// The configuration that reaches it by its socket, as the default user.
    package let configuration: RedisConfiguration
    private let directory: TemporaryDirectory
    private let isSentinel: Bool
    private let survivesFileSizeLimit: Bool
    private let clock: ShiftedClock?
    private let child = Mutex<ChildProcess?>(nil)

    private init(_ options: Options) throws {
        directory = try TemporaryDirectory()
        isSentinel = options.isSentinel
        survivesFileSizeLimit = options.survivesFileSizeLimit
        clock = options.clock
        socketPath = "\(directory.path)/redis"
        port = options.isClusterNode ? try freeClusterPort() : options.listensOnTCP ? try freePort() : nil
        tls = options.tls.map { .init(authoritiesFile: $0.authority.certificateFile) }
        configuration = RedisConfiguration(
            address: .unix(path: socketPath), password: options.password.map(Secret.init))
        var lines = [
            "bind 127.0.0.1", "unixsocket \(socketPath)", "dir \(directory.path)",
            "daemonize no", "logfile \(logPath)",
        ]
        if !isSentinel {
            lines += ["save \"\"", "appendonly \(options.isDurable ? "yes" : "no")", "appendfsync always"]
        }
        lines += options.tls?.lines(port: port ?? 0) ?? ["port \(port ?? 0)"]
        if options.isClusterNode { lines += ["cluster-enabled yes", "cluster-node-timeout 1000"] }
        if let password = options.password { lines.append("requirepass \(password)") }
        lines += options.users.map { "user \($0)" } + options.lines
        let text = lines.joined(separator: "\n") + "\n"
        try text.write(toFile: "\(directory.path)/redis.conf", atomically: false, encoding: .utf8)
    }

    deinit {
        child.withLock { $0?.signal(SIGKILL) }
    }

    /// Starts a server and waits until it answers.
    ///
    /// - Throws: ``StartFailure`` with its log.
    package static func start(_ options: Options = Options()) async throws -> RedisServer {
        let server = try RedisServer(options)
        do {
            try await server.launch()
            return server
        } catch  where options.listensOnTCP || options.isClusterNode {
            // Another program may have taken the port since it was free.
            let second = try RedisServer(options)
            try await second.launch()
            return second
        }
    }

    /// Runs a test with a server of its own.
    package static func with<Value>(
        _ options: Options = Options(), _ body: (RedisServer) async throws -> Value
    ) async throws -> Value {
        let server = try await start(options)
        do {
            let value = try await body(server)
            await server.kill()
            return value
        } catch {
            await server.kill()
            throw error
        }
    }

    /// The URL by which the tool reaches the server as the default user.
    package var url: String {
        let credentials = configuration.password.map { ":\($0.revealed)@" } ?? ""
        return "unix://\(credentials)\(socketPath)"
    }

    /// The configuration that reaches it by TCP, if it listens there.
    package var tcpConfiguration: RedisConfiguration {
        var configuration = configuration
        configuration.address = .tcp(host: "127.0.0.1", port: port ?? 0)
        configuration.tls = tls
        return configuration
    }

    /// Returns true if it knows what that release of Redis brought, from INFO; Valkey counts as 7.2.
    package func knows(_ major: Int, _ minor: Int) async throws -> Bool {
        let connection = try await RedisConnection.connect(to: configuration, name: "tests:version")
        defer { connection.close() }
        let info = try await connection.call("INFO", "server").string ?? ""
        let line = info.split(whereSeparator: \.isNewline).first { $0.hasPrefix("redis_version:") } ?? ""
        let numbers = line.dropFirst("redis_version:".count).split(separator: ".").compactMap { Int($0) }
        return numbers.count > 1 && (numbers[0], numbers[1]) >= (major, minor)
    }

    /// The process that runs it now, or ran it last; nil before the first.
    package var processID: Int32? { current?.processID }

    /// True if it has not ended, by itself or otherwise.
    package var isRunning: Bool { current.map { $0.exit == nil } ?? false }

    /// The directory of its data.
    package var dataDirectory: String { directory.path }

    /// The text of its log.
    package var log: String {
        (try? String(contentsOfFile: logPath, encoding: .utf8)) ?? ""
    }

    /// Ends it as an operator would, with SIGTERM.
    package func stop() async throws {
        resume()
        signal(SIGTERM)
        try await current?.waitForExit()
    }

    /// Ends it with SIGKILL.
    package func kill() async {
        signal(SIGKILL)
        _ = try? await current?.waitForExit()
    }

    /// Ends it with SIGKILL, and does not wait for its end.
    package func end() {
        signal(SIGKILL)
    }

    /// Starts it again, after ``stop()`` or ``kill()`` or out of the running; what is on its disk is loaded.
    package func restart() async throws {
        if current?.exit == nil { try await stop() }
        try await launch()
    }

    /// Stops its clock: it is there, and answers nothing.
    package func pause() { signal(SIGSTOP) }

    /// Lets it run on.
    package func resume() { signal(SIGCONT) }

    private var current: ChildProcess? { child.withLock { $0 } }

    private func signal(_ number: Int32) {
        current?.signal(number)
    }

    private var logPath: String { "\(directory.path)/redis.log" }

    private func launch() async throws {
        let null = open("/dev/null", O_RDWR | O_CLOEXEC)
        defer { close(null) }
        var words = [Self.program, "\(directory.path)/redis.conf"] + (isSentinel ? ["--sentinel"] : [])
        // An ignored signal stays ignored in the program that a shell becomes.
        if survivesFileSizeLimit { words = ["/bin/sh", "-c", "trap '' XFSZ; exec \"$@\"", "sh"] + words }
        let child = try ChildProcess.start(
            words[0], Array(words.dropFirst()), environment: clock?.environment ?? ProcessEnvironment.minimal,
            input: null, output: null, error: null)
        self.child.withLock { $0 = child }
        do {
            try await eventually("the server answers") {
                if let exit = child.exit {
                    throw StartFailure(description: "redis-server ended at once: \(exit)")
                }
                return await answersPing()
            }
        } catch {
            child.signal(SIGKILL)
            throw StartFailure(description: "\(error); its log:\n\(log)")
        }
    }

    private func answersPing() async -> Bool {
        guard let connection = try? await RedisConnection.connect(to: configuration, name: "tests:ping")
        else {
            return false
        }
        defer { connection.close() }
        return (try? await connection.call("PING")) != nil
    }
}

/// A port of 127.0.0.1 on which nobody listens, and nobody on the one 10,000 above, by which a cluster's nodes talk.
private func freeClusterPort() throws -> Int {
    while true {
        let port = Int.random(in: 10_000...32_000)
        // Below those that the system gives out, where other tests' servers are.
        if (try? freePort(wanted: port)) != nil, (try? freePort(wanted: port + 10_000)) != nil { return port }
    }
}
