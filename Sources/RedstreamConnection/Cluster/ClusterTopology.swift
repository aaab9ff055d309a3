import RedstreamSystem
import Synchronization

/// The nodes of a cluster, and the slots that each of them serves, as far as they are known.
///
/// The nodes are asked in rounds, which end with the first answer. The nodes that an answer names are remembered, so that
/// the nodes named in a URL may go. A new round begins when somebody needs to know and a node could not be reached since
/// the last one. Callers share the round under way, and leave it when their time is up or their task is cancelled. A node
/// that redirects a command tells where that slot is; the other slots are asked for beside the work, from time to time.
package final class ClusterTopology: Sendable {
    package typealias Host = RedisConfiguration.Host

    private struct State {
        var map: ClusterMap?
        /// The number of times that the map was found wrong.
        var invalidations = 0
        /// The number of invalidations when the round began that has made the map.
        var refreshed = 0
        /// The node that the next round begins with, by its position: one that is cut off may know an old map only.
        var next = 0
        /// The end of the last round.
        var lastAsked: ContinuousClock.Instant?
        /// True if a round is to begin that nobody waits for.
        var isRoundPlanned = false
    }

    /// The shortest time between two rounds that nobody waits for.
    private static let restTime = Duration.seconds(1)

    private let configuration: RedisConfiguration
    private let seeds: [Host]
    private let state = Mutex(State())
    private let rounds = SingleFlight<Result<ClusterMap, RedisError>>()

    /// Creates a topology of which nothing is known yet; nil if the configuration is of no cluster.
    init?(_ configuration: RedisConfiguration) {
        guard case .cluster(let nodes) = configuration.address else { return nil }
        self.configuration = configuration
        seeds = nodes
    }

    /// Returns the node of a target if it is known without asking.
    func knownHost(for target: ClusterTarget) -> Host? {
        state.withLock { $0.invalidations == $0.refreshed || target.isNode ? $0.map.host(for: target) : nil }
    }

    /// Returns the node of a target; blocks while nodes are asked.
    ///
    /// - Throws: ``RedisError``: `connectFailed` if no node answers, `timedOut` if none has in time, the code
    ///   `CLUSTERDOWN` if no node serves the slot, the error of a node that is in no cluster, or wants a password;
    ///   `cancelled`.
    func host(
        for target: ClusterTarget, by deadline: Deadline, interrupter: Interrupter
    ) throws(RedisError) -> Host {
        if let known = knownHost(for: target) { return known }
        return try host(for: target, in: ask(by: deadline, interrupter: interrupter))
    }

    /// Returns the node of a target; suspends while nodes are asked.
    func host(for target: ClusterTarget) async throws -> Host {
        if let known = knownHost(for: target) { return known }
        return try host(for: target, in: try await ask())
    }

    /// Asks for every primary that serves slots, and blocks.
    func primaries(by deadline: Deadline, interrupter: Interrupter) throws(RedisError) -> [Host] {
        try ask(by: deadline, interrupter: interrupter).primaries
    }

    /// Asks for every primary that serves slots, and suspends.
    func primaries() async throws -> [Host] {
        try await ask().primaries
    }

    /// Returns true if a node is one of the cluster, as far as is known.
    func knows(_ node: Host) -> Bool {
        seeds.contains(node) || state.withLock { $0.map?.nodes.contains(node) ?? true }
    }

    /// Notes where a slot is now; asks for the others later, which may have moved too.
    func note(_ redirection: Redirection) {
        guard redirection.kind == .moved else { return }
        let rest: Duration? = state.withLock { state in
            state.map?.note(redirection.slot, movedTo: redirection.host)
            guard !state.isRoundPlanned else { return nil }
            state.isRoundPlanned = true
            return state.lastAsked.map { ContinuousClock.now.duration(to: $0.advanced(by: Self.restTime)) } ?? .zero
        }
        guard let rest else { return }
        rounds.start(after: max(rest, .zero)) { self.round() }
    }

    /// Notes that the map was found wrong: the next caller begins a round.
    func invalidate() {
        state.withLock { $0.invalidations += 1 }
    }

    private func ask() async throws -> ClusterMap {
        let (limit, began) = (ConnectTimeLimit.current, ContinuousClock.now)
        let time = limit?.timeout(atMost: configuration.connectTimeout) ?? configuration.connectTimeout
        let outcome: Result<ClusterMap, RedisError>?
        do {
            outcome = try await StopSignal.interrupting {
                try await self.rounds.value(within: time) { self.round() }
            }
        } catch let error as SystemError {
            throw RedisError(error, connectingTo: configuration.address.description)
        } catch {
            try Task.checkCancellation()
            throw cancelled
        }
        if outcome == nil { try Task.checkCancellation() }
        do throws(RedisError) {
            return try map(after: outcome)
        } catch {
            // Once there is a map, connecting to the node that it names is another step.
            if error.isServerUnreachable { limit?.noteConnecting(since: began, hasFailed: true) }
            throw error
        }
    }

    private func ask(by deadline: Deadline, interrupter: Interrupter) throws(RedisError) -> ClusterMap {
        let outcome: Result<ClusterMap, RedisError>?
        do throws(SystemError) {
            outcome = try rounds.value(by: deadline, interrupter: interrupter) { self.round() }
        } catch {
            throw RedisError(error, connectingTo: configuration.address.description)
        }
        if outcome == nil, interrupter.wasInterrupted { throw cancelled }
        return try map(after: outcome)
    }

    /// Asks the nodes, and keeps the answer.
    private func round() -> Result<ClusterMap, RedisError> {
        let (nodes, invalidations) = state.withLock { state in
            state.next += 1
            // This round does what was planned.
            state.isRoundPlanned = false
            return (state.map.nodes(inRound: state.next, and: seeds), state.invalidations)
        }
        // A little less than the callers have, so that they hear what was wrong.
        let deadline = Deadline(in: configuration.connectTimeout * 9 / 10)
        let discovery = ClusterDiscovery(configuration: configuration, nodes: nodes)
        do throws(RedisError) {
            let map = try discovery.map(by: deadline)
            state.withLock { state in
                state.map = map
                state.refreshed = invalidations
                state.lastAsked = .now
            }
            return .success(map)
        } catch {
            state.withLock { $0.lastAsked = .now }
            return .failure(error)
        }
    }

    private func map(after outcome: Result<ClusterMap, RedisError>?) throws(RedisError) -> ClusterMap {
        guard let outcome else {
            throw failure(.timedOut, .nodesStillAsked)
        }
        return try outcome.get()
    }

    private func host(for target: ClusterTarget, in map: ClusterMap) throws(RedisError) -> Host {
        if let host = Optional(map).host(for: target) { return host }
        invalidate()
        throw RedisError.slotUnserved(configuration.address.description)
    }

    private var cancelled: RedisError { failure(.cancelled, .cancelled) }

    private func failure(_ kind: RedisError.Kind, _ cause: RedisError.Cause) -> RedisError {
        RedisError(kind, address: configuration.address.description, cause: cause)
    }
}

extension ClusterMap? {
    /// Returns the node of a target; nil without a map, or if no node serves the slot.
    fileprivate func host(for target: ClusterTarget) -> RedisConfiguration.Host? {
        switch target {
        case .node(let host): host
        case .slot(let slot): self?.owner(of: slot)
        case .any: self?.primaries.randomElement()
        }
    }

    /// Returns the nodes to ask, one after the other: the known ones, from another one on in each round, then the seeds.
    fileprivate func nodes(inRound number: Int, and seeds: [RedisConfiguration.Host]) -> [RedisConfiguration.Host] {
        let known = self?.nodes ?? []
        let start = known.isEmpty ? 0 : number % known.count
        return known[start...] + known[..<start] + seeds.filter { !known.contains($0) }
    }
}
