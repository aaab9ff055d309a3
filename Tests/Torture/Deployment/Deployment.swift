import RedstreamConnection
import TestSupport

/// The servers of a run, and what can befall them.
///
/// Another kind of deployment is another type that conforms, and a case of ``DeploymentKind``.
protocol Deployment: Sendable {
    /// The kinds of faults that it knows.
    var faults: [Fault.Kind] { get }
    /// The arguments of every producer, by which acknowledged messages survive those faults.
    var producerArguments: [String] { get }
    /// The server that the measuring thread asks; nil if the server changes.
    var probed: RedisConfiguration? { get }

    /// The servers that have the streams, now or after a fault.
    var servers: [AppendOnlyServer] { get }

    /// Returns the URL of the server through the weather of a process.
    func url(through weather: Weather) throws -> String
    /// Connects to the server that takes writes to the streams now.
    func connect() async throws -> RedisConnection
    /// Connects to every server that takes writes.
    func connections() async throws -> [RedisConnection]
    /// Carries out a fault of the server, up to its end.
    ///
    /// - Returns: Who took over from whom; nil where nobody did.
    func suffer(_ fault: Fault) async throws -> History.Promotion?
    /// Waits until the servers are in order again, all of them.
    func recover() async throws
    /// Ends all servers.
    func stop() async throws
    /// Returns the records of the servers, which were stopped.
    func segments(for cast: Cast) throws -> [Segment]
}

extension Deployment {
    func connections() async throws -> [RedisConnection] { [try await connect()] }

    /// The servers' processes, to see whether the machine keeps them waiting.
    var processIDs: [Int32] { servers.compactMap(\.server.processID) }

    /// Keeps what the servers have recorded from being thrown away by them.
    func archive() throws {
        for server in servers { try server.archive() }
    }

    func stop() async throws {
        for server in servers { try await server.server.stop() }
    }

    func segments(for cast: Cast) throws -> [Segment] { try servers.flatMap { try $0.segments(for: cast) } }

    /// Puts what the servers have recorded into a folder, to be looked at.
    func keep(in folder: String) throws {
        for server in servers { try server.keep(in: folder) }
    }
}

/// The deployments that a run can have.
package enum DeploymentKind: String, Sendable, CaseIterable {
    /// One server, its append-only file on disk before it answers.
    case single
    /// A primary and a replica, watched by sentinels; producers wait for the replica.
    case sentinel

    /// Three primaries, each with a replica; producers wait for the replica.
    case cluster

    /// The streams, whose keys are all on one server.
    package var streams: [String] { self == .cluster ? ["{shop}orders", "{shop}products"] : ["orders", "products"] }

    func start(_ safety: Safety) async throws -> any Deployment {
        switch self {
        case .single: try await SingleServer.start()
        case .sentinel: try await SentinelService.start(safety)
        case .cluster: try await ClusterService.start(safety)
        }
    }
}

/// The means that keep acknowledged messages through the loss of a primary.
package enum Safety: String, Sendable, CaseIterable {
    /// Nothing: the primary acknowledges what it has.
    case none
    /// The primary takes no writes while it knows of no replica (`min-replicas-to-write 1`).
    case minReplicas
    /// Producers wait until a replica has what they wrote (`--wait-replicas 1`).
    case wait

    /// The arguments of every producer.
    var producerArguments: [String] { self == .wait ? ["--wait-replicas", "1", "--wait-timeout", "2s"] : [] }

    /// The lines of every server's redis.conf.
    var serverLines: [String] { self == .minReplicas ? ["min-replicas-to-write 1", "min-replicas-max-lag 1"] : [] }
}

extension Fault.Kind {
    /// True if it is the deployment's to carry out, and not that of a process or its connections.
    var isOfServer: Bool {
        switch self {
        case .kill, .terminate, .freeze, .cut, .truncate, .delay: false
        case .serverKill, .serverFreeze, .clientKill, .scriptFlush, .memoryFull, .diskFull, .failover, .reshard: true
        }
    }

    /// Those of processes, in every deployment.
    static let ofProcesses: [Fault.Kind] = [.kill, .terminate, .freeze]
    /// Those of connections, where a proxy stands before the server.
    static let ofConnections: [Fault.Kind] = [.cut, .truncate, .delay]
}
