import RedisClient
import TestSupport

/// The servers of a run, and what can befall them.
///
/// Another kind of deployment is another type that conforms, and a case of ``DeploymentKind``.
protocol Deployment: Sendable {
    /// The kinds of faults that it knows.
    var faults: [Fault.Kind] { get }
    /// What every producer is told, so that what it acknowledges survives those faults.
    var producerArguments: [String] { get }
    /// Where the thread that measures the server asks; nil where the server changes.
    var probed: RedisConfiguration? { get }

    /// The servers' processes, to see whether the machine keeps them waiting.
    var processIDs: [Int32] { get }

    /// How a process reaches the server through its own weather.
    func url(through weather: Weather) throws -> String
    /// How the harness reaches the server that takes writes now.
    func connect() async throws -> RedisConnection
    /// Carries out a fault of the server, up to its end.
    func suffer(_ fault: Fault) async throws
    /// Waits until the servers are in order again, all of them.
    func recover() async throws
    /// Keeps what the servers have recorded from being thrown away by them.
    func archive() throws
    /// Ends all servers.
    func stop() async throws
    /// What the servers have recorded, once they were stopped.
    func segments(for cast: Cast) throws -> [Segment]
    /// Puts what the servers have recorded into a folder, to be looked at.
    func keep(in folder: String) throws
}

/// Which deployments a run can have.
package enum DeploymentKind: String, Sendable, CaseIterable {
    /// One server, its append-only file on disk before it answers.
    case single
    /// A primary and a replica, watched by sentinels; producers wait for the replica.
    case sentinel

    func start() async throws -> any Deployment {
        switch self {
        case .single: try await SingleServer.start()
        case .sentinel: try await SentinelService.start()
        }
    }
}

extension Fault.Kind {
    /// Whether it is the deployment's to carry out, and not that of a process or its connections.
    var isOfServer: Bool {
        switch self {
        case .kill, .terminate, .freeze, .cut, .truncate, .delay: false
        case .serverKill, .serverFreeze, .clientKill, .scriptFlush, .memoryFull, .diskFull, .failover: true
        }
    }

    /// Those of processes, in every deployment.
    static let ofProcesses: [Fault.Kind] = [.kill, .terminate, .freeze]
    /// Those of connections, where a proxy stands before the server.
    static let ofConnections: [Fault.Kind] = [.cut, .truncate, .delay]
}
