import Synchronization

/// What is known of a cluster: its nodes, and which of them serves which slot.
///
/// Any node that answers is asked; those that it names are remembered, so that the nodes named in a URL may go. Nodes are
/// asked anew once one could not be reached. Whoever needs to know meanwhile waits for that one round, and leaves it when
/// its own time is up or its task is cancelled. A node that redirects a command tells where that slot is; the others are
/// asked for beside the work, from time to time.
package final class ClusterTopology: Sendable {
    package typealias Host = RedisConfiguration.Host

    private struct State {
        var map: ClusterMap?
        /// Counts what has contradicted the maps.
        var doubts = 0
        /// The doubts that the map has dispelled.
        var dispelled = 0
        /// Where the next round of questions begins: a node that is cut off from the others may know old things.
        var next = 0
        /// When the last round ended.
        var lastAsked: ContinuousClock.Instant?
        /// Whether a round is to begin of which nobody waits for the end.
        var isRoundPlanned = false
    }

    /// How long nobody is asked again for the sake of slots whose place is known.
    private static let restTime = Duration.seconds(1)

    private let configuration: RedisConfiguration
    private let seeds: [Host]
    private let state = Mutex(State())
    private let rounds: SharedWork<ClusterMap>

    /// Creates the knowledge of nothing; nil where the configuration is of no cluster.
    init?(_ configuration: RedisConfiguration) {
        guard case .cluster(let nodes) = configuration.address else { return nil }
        self.configuration = configuration
        seeds = nodes
        rounds = SharedWork { RedisError($0, connectingTo: configuration.address) }
    }

    /// The node to go to, where that is known without asking.
    func knownHost(for target: ServerRoute.Target) -> Host? {
        state.withLock { $0.doubts == $0.dispelled || target.isNode ? $0.map.host(for: target) : nil }
    }

    /// The node to go to; blocks where nodes have to be asked.
    ///
    /// - Throws: ``RedisError``: `connectFailed` where no node answers, `timedOut` where none has in time, the code
    ///   `CLUSTERDOWN` where nobody serves the slot, and what a node says that is no cluster's, or wants a password.
    func host(for target: ServerRoute.Target, by deadline: Deadline) throws(RedisError) -> Host {
        if let known = knownHost(for: target) { return known }
        return try toldHost(for: target, by: ask(by: deadline))
    }

    /// The node to go to; suspends where nodes have to be asked.
    func host(for target: ServerRoute.Target) async throws -> Host {
        if let known = knownHost(for: target) { return known }
        return try toldHost(for: target, by: try await ask())
    }

    /// Every primary that serves slots, asked for now.
    func primaries(by deadline: Deadline) throws(RedisError) -> [Host] {
        try ask(by: deadline).primaries
    }

    /// Every primary that serves slots, asked for now.
    func primaries() async throws -> [Host] {
        try await ask().primaries
    }

    /// Whether a node is one of the cluster, as far as is known.
    func knows(_ node: Host) -> Bool {
        seeds.contains(node) || state.withLock { $0.map?.nodes.contains(node) ?? true }
    }

    /// Notes where a slot is now; where one has gone, others may have too.
    func note(_ redirection: Redirection) {
        guard redirection.kind == .moved else { return }
        let rest: Duration? = state.withLock { state in
            state.map?.note(redirection.slot, movedTo: redirection.host)
            guard !state.isRoundPlanned else { return nil }
            state.isRoundPlanned = true
            return state.lastAsked.map { ContinuousClock.now.duration(to: $0.advanced(by: Self.restTime)) } ?? .zero
        }
        guard let rest else { return }
        rounds.schedule(after: max(rest, .zero)) { self.round() }
    }

    /// Notes that what is known has led astray.
    func distrust() {
        state.withLock { $0.doubts += 1 }
    }

    private func ask() async throws -> ClusterMap {
        let (budget, began) = (ConnectBudget.current, ContinuousClock.now)
        let limit = budget?.timeout(atMost: configuration.connectTimeout) ?? configuration.connectTimeout
        let outcome = await rounds.outcome(of: { self.round() }, within: limit)
        if outcome == nil { try Task.checkCancellation() }
        do throws(RedisError) {
            return try map(after: outcome)
        } catch {
            // Once there is a map, connecting to the node that it names is another step.
            if error.isServerUnreachable { budget?.noteConnecting(since: began, wasInVain: true) }
            throw error
        }
    }

    private func ask(by deadline: Deadline) throws(RedisError) -> ClusterMap {
        try map(after: rounds.outcome(of: { self.round() }, by: deadline))
    }

    /// Asks the nodes, and learns what they say.
    private func round() -> Result<ClusterMap, RedisError> {
        let (nodes, doubts) = state.withLock { state in
            state.next += 1
            // Whoever has asked for this one: what was planned need not be done, or is being done.
            state.isRoundPlanned = false
            return (state.map.nodes(inRound: state.next, and: seeds), state.doubts)
        }
        // A little less than whoever waits for it has: they are to hear what was wrong.
        let deadline = Deadline(in: configuration.connectTimeout * 9 / 10)
        let survey = ClusterSurvey(configuration: configuration, nodes: nodes)
        do throws(RedisError) {
            let map = try survey.map(by: deadline)
            state.withLock { state in
                state.map = map
                state.dispelled = doubts
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

    private func toldHost(for target: ServerRoute.Target, by map: ClusterMap) throws(RedisError) -> Host {
        if let told = Optional(map).host(for: target) { return told }
        distrust()
        throw RedisError.slotUnserved(configuration.address.description)
    }

    private func failure(_ kind: RedisError.Kind, _ cause: RedisError.Cause) -> RedisError {
        RedisError(kind, address: configuration.address.description, cause: cause)
    }
}

extension ClusterMap? {
    /// Where it leads; nil without a map, or where nobody serves the slot.
    fileprivate func host(for target: ServerRoute.Target) -> RedisConfiguration.Host? {
        switch target {
        case .node(let host): host
        case .slot(let slot): self?.owner(of: slot)
        case .any: self?.primaries.randomElement()
        }
    }

    /// The nodes to ask, one after the other: those known, from another one on in each round, then those named.
    fileprivate func nodes(inRound number: Int, and seeds: [RedisConfiguration.Host]) -> [RedisConfiguration.Host] {
        let known = self?.nodes ?? []
        let start = known.isEmpty ? 0 : number % known.count
        return known[start...] + known[..<start] + seeds.filter { !known.contains($0) }
    }
}
