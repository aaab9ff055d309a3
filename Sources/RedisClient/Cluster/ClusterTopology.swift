import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// What is known of a cluster: its nodes, and which of them serves which slot.
///
/// Any node that answers is asked, by CLUSTER SLOTS; those that it names are remembered, so that the nodes named in a
/// URL may go. What is known is asked for anew once a node has redirected a command, or could not be reached.
package final class ClusterTopology: Sendable {
    package typealias Host = RedisConfiguration.Host

    private struct State {
        var map: ClusterMap?
        /// Whether the map was contradicted since it was made.
        var isStale = false
        /// Counts the maps.
        var generation = 0
        /// Where the next round of questions begins: a node that is cut off from the others may know old things.
        var next = 0
    }

    private let configuration: RedisConfiguration
    private let seeds: [Host]
    private let state = Mutex(State())
    /// Held by the one who asks; the others wait for what is learnt.
    private let asking = Mutex(())
    /// Where callers ask that must not block.
    private let thread = WorkerThread()

    /// Creates the knowledge of nothing; nil where the configuration is of no cluster.
    init?(_ configuration: RedisConfiguration) {
        guard case .cluster(let nodes) = configuration.address else { return nil }
        self.configuration = configuration
        seeds = nodes
    }

    /// The node to go to, where that is known without asking.
    func knownHost(for target: ServerRoute.Target) -> Host? {
        if case .node(let host) = target { return host }
        return state.withLock { state in
            guard !state.isStale, let map = state.map else { return nil }
            if case .slot(let slot) = target { return map.owner(of: slot) }
            return map.primaries.randomElement()
        }
    }

    /// The node to go to; blocks where nodes have to be asked.
    ///
    /// - Throws: ``RedisError``: `connectFailed` where no node answers, the code `CLUSTERDOWN` where nobody serves the
    ///   slot, and what a node says that is no cluster's, or wants a password.
    func host(for target: ServerRoute.Target, by deadline: Deadline) throws(RedisError) -> Host {
        if let known = knownHost(for: target) { return known }
        try refresh(by: deadline)
        if let known = knownHost(for: target) { return known }
        distrust()
        throw RedisError(
            .server(code: "CLUSTERDOWN"), address: address, reason: "CLUSTERDOWN no node of \(address) serves the slot")
    }

    /// The node to go to; suspends where nodes have to be asked.
    func host(for target: ServerRoute.Target) async throws -> Host {
        if let known = knownHost(for: target) { return known }
        return try await onThread { topology in
            try topology.host(for: target, by: Deadline(in: topology.configuration.connectTimeout))
        }
    }

    /// Every primary that serves slots, asked for now.
    func primaries(by deadline: Deadline) throws(RedisError) -> [Host] {
        distrust()
        try refresh(by: deadline)
        return state.withLock { $0.map?.primaries ?? [] }
    }

    /// Every primary that serves slots, asked for now.
    func primaries() async throws -> [Host] {
        try await onThread { topology in
            try topology.primaries(by: Deadline(in: topology.configuration.connectTimeout))
        }
    }

    /// Notes where a slot is now; where one has gone, others may have too.
    func note(_ redirection: Redirection) {
        guard redirection.kind == .moved else { return }
        state.withLock { state in
            state.map?.note(redirection.slot, movedTo: redirection.host)
            state.isStale = true
        }
    }

    /// Notes that what is known has led astray.
    func distrust() {
        state.withLock { $0.isStale = true }
    }

    private var address: String { configuration.address.description }

    private func onThread<Value: Sendable>(
        _ body: @escaping @Sendable (ClusterTopology) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            thread.enqueue { continuation.resume(with: Result { try body(self) }) }
        }
    }

    /// Asks for the map, unless somebody else has just got it.
    private func refresh(by deadline: Deadline) throws(RedisError) {
        let before = state.withLock { $0.generation }
        while true {
            let result: Result<Void, RedisError>? = asking.withLockIfAvailable { _ in
                if state.withLock({ $0.generation != before && !$0.isStale }) { return .success(()) }
                do throws(RedisError) { return .success(try ask(by: deadline)) } catch { return .failure(error) }
            }
            if let result { return try result.get() }
            guard !deadline.hasPassed else {
                throw RedisError(.timedOut, address: address, reason: "the time for this command is up")
            }
            usleep(2000)
        }
    }

    private func ask(by deadline: Deadline) throws(RedisError) {
        let nodes = candidates()
        var refusal: RedisError?
        var reasons: [String] = []
        for (index, node) in nodes.enumerated() {
            // One that is away costs its part of the time only.
            let patience = max(deadline.remaining / min(nodes.count - index, 4), .milliseconds(1))
            do throws(RedisError) {
                let map = try ask(node, patience: patience)
                if !map.primaries.isEmpty { return learn(map) }
                refusal =
                    refusal
                    ?? RedisError(
                        .server(code: "CLUSTERDOWN"), address: node.description,
                        reason: "CLUSTERDOWN \(node) knows of no node that serves a slot")
            } catch {
                if error.code != nil || error.kind == .tlsFailed { refusal = refusal ?? error }
                reasons.append(error.description)
            }
        }
        throw refusal
            ?? RedisError(
                .connectFailed, address: address,
                reason: "no node of the cluster answers; \(reasons.joined(separator: "; "))")
    }

    /// The nodes to ask, one after the other: those known, then those named.
    private func candidates() -> [Host] {
        state.withLock { state in
            let known = state.map?.nodes ?? []
            let start = known.isEmpty ? 0 : state.next % known.count
            state.next += 1
            return known[start...] + known[..<start] + seeds.filter { !known.contains($0) }
        }
    }

    private func learn(_ map: ClusterMap) {
        state.withLock { state in
            state.map = map
            state.isStale = false
            state.generation += 1
        }
    }

    private func ask(_ node: Host, patience: Duration) throws(RedisError) -> ClusterMap {
        var configuration = ServerRoute.configuration(configuration, at: node)
        configuration.connectTimeout = min(configuration.connectTimeout, patience)
        let deadline = Deadline(in: configuration.connectTimeout)
        let context = try HiredisContext(configuration)
        try Handshake(configuration: configuration, name: "redstream:cluster").perform(on: context, by: deadline)
        try context.write(RedisPipeline("CLUSTER", "SLOTS").bytes, deadline: deadline)
        let reply = try context.read(replies: 1, deadline: deadline)[0]
        if let error = reply.error(from: context.address) { throw error }
        return ClusterMap(reply, from: node)
    }
}
