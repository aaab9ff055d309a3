import FoundationEssentials
import RedstreamConnection
import RedstreamSystem

/// A private redis-server in a temporary directory, gone without a trace when it is not needed any more.
struct SandboxServer: Sendable {
    /// The URL of its socket.
    let url: String
    private let directory: String

    /// Runs `body` beside a server, and cleans up after it.
    ///
    /// - Parameters:
    ///   - executable: The server's program: a path, or a name to look up.
    ///   - environment: The variables, of which TMPDIR names where its directory is.
    ///   - body: What to do beside it.
    /// - Returns: The result of `body`.
    /// - Throws: ``Failure`` when no server can be started; what `body` throws.
    static func run<Value: Sendable>(
        _ executable: String, in environment: [String: String],
        _ body: @escaping @Sendable (SandboxServer) async throws -> Value
    ) async throws -> Value {
        let server = try SandboxServer(environment)
        defer { try? FileManager.default.removeItem(atPath: server.directory) }
        // Should this process be killed, the server ends with the other end of this pipe.
        let life = try Descriptor.pipe()
        let program: Program
        do {
            defer { close(life.readEnd) }
            program = try await server.start(executable, until: life.readEnd)
        } catch {
            close(life.writeEnd)
            throw Failure(.failed, "\(error)", hint: Failure.hint(for: error))
        }
        return try await withThrowingTaskGroup(of: Value?.self) { tasks in
            tasks.addTask {
                _ = await program.ended()
                return nil
            }
            tasks.addTask {
                try await server.waitUntilReady()
                return try await body(server)
            }
            let first = await tasks.nextResult()
            tasks.cancelAll()
            close(life.writeEnd)
            await program.end(within: .seconds(2))
            guard let value = try first?.get() ?? nil else {
                throw Failure(
                    .failed, "cannot start \(executable): \(server.lastLogLine)",
                    hint: "apt install redis-server, or --server PATH")
            }
            return value
        }
    }

    private init(_ environment: [String: String]) throws {
        directory = try TemporaryFile.makeDirectory("sandbox-", in: environment)
        let socket = "\(directory)/sandbox"
        url = "unix://" + Self.percentEncoded(socket)
        guard socket.utf8.count < MemoryLayout.size(ofValue: sockaddr_un().sun_path) else {
            rmdir(directory)
            throw Failure(
                .failed, "cannot make a socket in \(TemporaryFile.directory(environment)): its path is too long",
                hint: "TMPDIR=/tmp redstream sandbox")
        }
    }

    private static func percentEncoded(_ path: String) -> String {
        path.utf8.map { byte in
            let scalar = Unicode.Scalar(byte)
            let isPlain =
                scalar.isASCII && (scalar.properties.isAlphabetic || "0123456789/._-~".unicodeScalars.contains(scalar))
            return isPlain
                ? String(Character(scalar)) : "%" + String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }.joined()
    }

    /// Starts the server, and a shell around it that waits for the end of a pipe: server and directory go with it.
    private func start(_ executable: String, until life: Int32) async throws(SystemError) -> Program {
        let script = """
            exec 3<&0
            directory=$1
            shift
            "$0" "$@" >"$directory/redis.log" 2>&1 3<&- &
            server=$!
            {
                cat <&3 >/dev/null
                kill $server
                while kill -0 $server; do sleep 0.05; done
                rm -rf "$directory"
            } 2>/dev/null &
            exec 3<&-
            trap : TERM
            while kill -0 $server 2>/dev/null; do wait $server; done
            """
        var launch = Launch(
            "/bin/sh",
            [
                "-c", script, executable, directory, "--port", "0", "--unixsocket", "\(directory)/sandbox",
                "--unixsocketperm", "700", "--dir", directory, "--save", "", "--appendonly", "no",
            ])
        launch.group = .own
        launch.input = life
        launch.output = nil
        launch.error = nil
        return try await Program.start(launch)
    }

    private func waitUntilReady() async throws {
        let configuration = try RedisConfiguration(url: url)
        let began = ContinuousClock.now
        while true {
            do {
                let connection = try await RedisConnection.connect(to: configuration)
                try await connection.call("PING")
                connection.close()
                return
            } catch let error as RedisError where error.retryAdvice == .retry {
                guard began.duration(to: .now) < .seconds(10) else { throw error }
                try await Timer.sleep(for: .milliseconds(5))
            }
        }
    }

    private var lastLogLine: String {
        guard let log = try? OpenFile.reading("\(directory)/redis.log"), let bytes = try? log.contents(atMost: 1 << 20)
        else { return "it said nothing" }
        let text = String(decoding: bytes, as: UTF8.self)
        return text.unicodeScalars.split(separator: "\n").last.map(String.init) ?? "it said nothing"
    }
}
