import RedstreamConnection
import TestSupport

/// One server with an append-only file that is on disk before anything is acknowledged.
struct SingleServer: Deployment {
    private let primary: AppendOnlyServer

    static func start() async throws -> SingleServer {
        SingleServer(primary: try await AppendOnlyServer.start(named: "server"))
    }

    let faults =
        Fault.Kind.ofProcesses + Fault.Kind.ofConnections + [
            .serverKill, .serverFreeze, .clientKill, .scriptFlush, .memoryFull, .diskFull,
        ]
    let producerArguments: [String] = []
    var probed: RedisConfiguration? { primary.server.configuration }

    var servers: [AppendOnlyServer] { [primary] }

    func url(through weather: Weather) throws -> String { try weather.stand(before: primary.server) }

    func connect() async throws -> RedisConnection { try await primary.connect() }

    func suffer(_ fault: Fault) async throws -> History.Promotion? {
        switch fault {
        case .serverKill(let pause):
            await primary.server.kill()
            try await Task.sleep(for: pause)
            try await primary.server.restart()
        case .serverFreeze(let pause):
            primary.server.pause()
            defer { primary.server.resume() }
            try await Task.sleep(for: pause)
        case .diskFull(let pause):
            try await primary.fillDisk()
            try await Task.sleep(for: pause)
            if !primary.server.isRunning { try await primary.server.restart() }
        default: try await primary.suffer(fault)
        }
        return nil
    }

    func recover() async throws { try await primary.insist("PING") }
}
