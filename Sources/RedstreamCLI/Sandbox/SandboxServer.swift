import RedisClient
import RedstreamSystem
import Subprocess
import SystemPackage

/// A private redis-server in a temporary directory, gone without a trace when it is not needed any more.
struct SandboxServer: Sendable {
    /// The URL of its socket.
    let url: String
    private let directory: String

    /// Runs `body` beside a server, and cleans up after it.
    ///
    /// - Parameters:
    ///   - executable: The server's program: a path, or a name to look up.
    ///   - body: What to do beside it.
    /// - Returns: What `body` returned.
    /// - Throws: ``Failure`` when no server can be started; what `body` throws.
    static func run<Value: Sendable>(
        _ executable: String, _ body: @escaping @Sendable (SandboxServer) async throws -> Value
    ) async throws -> Value {
        let server = try SandboxServer()
        defer { server.removeDirectory() }
        return try await withThrowingTaskGroup(of: Value?.self) { tasks in
            tasks.addTask {
                try await server.serve(executable)
                return nil
            }
            tasks.addTask {
                try await server.waitUntilReady()
                return try await body(server)
            }
            defer { tasks.cancelAll() }
            while let value = try await tasks.next() {
                if let value { return value }
            }
            throw CancellationError()
        }
    }

    private init() throws {
        var template = Array("/tmp/redstream-sandbox-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else {
            throw Failure(.failed, "cannot make a temporary directory: \(SystemError.text(of: errno))")
        }
        directory = String(cString: made)
        url = "unix://\(directory)/redis.sock"
    }

    /// Runs the server until the task is cancelled.
    ///
    /// The shell around it waits for the end of its input: should this process be killed, server and directory go
    /// with it.
    private func serve(_ executable: String) async throws {
        let script = """
            exec 3<&0
            "$0" "$@" >"\(directory)/redis.log" 2>&1 3<&- &
            server=$!
            {
                cat <&3 >/dev/null
                kill $server
                while kill -0 $server; do sleep 0.05; done
                rm -rf "\(directory)"
            } 2>/dev/null &
            exec 3<&-
            trap : TERM
            while kill -0 $server 2>/dev/null; do wait $server; done
            """
        let arguments = [
            "--port", "0", "--unixsocket", "\(directory)/redis.sock", "--unixsocketperm", "700", "--dir",
            directory,
            "--save", "", "--appendonly", "no",
        ]
        var options = PlatformOptions()
        options.processGroupID = 0
        options.teardownSequence = [
            .send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: .seconds(2)),
            .send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .seconds(1)),
        ]
        let life = try FileDescriptor.pipe()
        defer { try? life.writeEnd.close() }
        Descriptor.setCloseOnExec(life.writeEnd.rawValue)
        _ = try await Subprocess.run(
            .path("/bin/sh"), arguments: Arguments(["-c", script, executable] + arguments),
            platformOptions: options,
            input: .fileDescriptor(life.readEnd, closeAfterSpawningProcess: true), output: .discarded,
            error: .discarded)
        try Task.checkCancellation()
        throw Failure(
            .failed, "cannot start \(executable): \(lastLogLine)",
            hint: "apt install redis-server, or --server PATH")
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
                try await Task.sleep(for: .milliseconds(5))
            }
        }
    }

    private var lastLogLine: String {
        guard let descriptor = try? FileDescriptor.open(FilePath("\(directory)/redis.log"), .readOnly),
            let text = try? descriptor.closeAfter({
                var buffer = [UInt8](repeating: 0, count: 4096)
                let count = try buffer.withUnsafeMutableBytes { try descriptor.read(into: $0) }
                return String(decoding: buffer.prefix(count), as: UTF8.self)
            })
        else { return "it said nothing" }
        return text.split(separator: "\n").last.map(String.init) ?? "it said nothing"
    }

    /// Removes what the server has left: files only, one level deep.
    private func removeDirectory() {
        if let entries = opendir(directory) {
            while let entry = readdir(entries) {
                let name = withUnsafeBytes(of: entry.pointee.d_name) {
                    String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
                }
                if name != ".", name != ".." { unlink("\(directory)/\(name)") }
            }
            closedir(entries)
        }
        rmdir(directory)
    }
}
