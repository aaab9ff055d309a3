import Redstream
import RedstreamConnection
import RedstreamSystem
import TestSupport

/// Carries out the faults of a round.
struct FaultRunner: Sendable {
    let instances: [Instance]
    let weathers: [String: Weather]
    let deployment: any Deployment
    let journal: Journal

    /// Carries out a round, up to the end of each of its faults.
    ///
    /// Faults of processes and connections overlap as they may; those of servers wait for each other.
    func run(_ round: Plan.Round) async throws {
        let start = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for step in round.steps where !step.fault.kind.isOfServer {
                group.addTask {
                    try await Task.sleep(until: start.advanced(by: step.start))
                    try await carryOut(step.fault, isClean: round.isClean)
                }
            }
            group.addTask {
                for step in round.steps where step.fault.kind.isOfServer {
                    try await Task.sleep(until: start.advanced(by: step.start))
                    journal.disturbed(
                        step.fault.kind, step.fault.description, process: nil, isClean: round.isClean)
                    let promotion = try await deployment.suffer(step.fault)
                    if let promotion { journal.change { $0.promotions.append(promotion) } }
                }
            }
            try await group.waitForAll()
        }
    }

    private func carryOut(_ fault: Fault, isClean: Bool) async throws {
        guard let target = fault.target, let instance = try await instance(target) else { return }
        journal.disturbed(fault.kind, fault.description, process: instance.processName, isClean: isClean)
        let weather = weathers[instance.placeName]
        switch fault {
        case .kill: instance.end(with: SIGKILL)
        case .terminate: instance.end(with: SIGTERM)
        case .freeze(_, let pause): try await instance.freeze(for: pause)
        case .cut: weather?.cutNext()
        case .truncate(_, let bytes): weather?.truncateNextReply(to: bytes)
        case .delay(_, let delay, let pause):
            weather?.delayReplies(by: delay, for: pause)
            try await Task.sleep(for: pause + delay)
        case .serverKill, .serverFreeze, .clientKill, .scriptFlush, .memoryFull, .diskFull, .failover, .reshard: break
        }
    }

    /// The instance that a target means now.
    private func instance(_ target: Target) async throws -> Instance? {
        let candidates = instances.filter { $0.role.name == target.role }
        switch target.pick {
        case .instance(let number): return candidates.first { $0.number == number }
        case .holder:
            guard let lock = candidates.first?.role.locks.first else { return candidates.first }
            let key = lock.name(in: Keyspace(namespace: Cast.namespace)).key
            guard let connection = try? await deployment.connect() else { return candidates.first }
            defer { connection.close() }
            let holder = (try? await connection.call("GET", key))?.string ?? ""
            let processID = Authorship.processID(of: holder)
            return candidates.first { $0.livingProcessID == processID } ?? candidates.first
        }
    }
}

extension Instance {
    /// The name of this place, whichever process is in it.
    var placeName: String { "\(role.name).\(number)" }
}

extension Fault {
    /// Whom it meets; nil for a fault of the server.
    var target: Target? {
        switch self {
        case .kill(let target), .terminate(let target), .freeze(let target, for: _), .cut(let target),
            .truncate(let target, afterBytes: _), .delay(let target, by: _, for: _):
            target
        case .serverKill, .serverFreeze, .clientKill, .scriptFlush, .memoryFull, .diskFull, .failover, .reshard: nil
        }
    }

    /// A few words for the protocol of a run.
    var description: String {
        switch self {
        case .freeze(let target, let pause): "\(kind.rawValue) \(target) for \(pause.milliseconds) ms"
        case .delay(let target, let delay, let pause):
            "\(kind.rawValue) by \(delay.milliseconds) ms \(target) for \(pause.milliseconds) ms"
        case .serverKill(let pause), .serverFreeze(let pause), .memoryFull(let pause), .diskFull(let pause):
            "\(kind.rawValue) for \(pause.milliseconds) ms"
        case .failover(let failover): "\(kind.rawValue) \(failover.rawValue)"
        default: target.map { "\(kind.rawValue) \($0)" } ?? kind.rawValue
        }
    }
}
