/// Asks the nodes of a cluster which of them serves which slot.
///
/// Synchronous: it blocks the thread that asks.
struct ClusterDiscovery {
    typealias Host = RedisConfiguration.Host

    let configuration: RedisConfiguration
    /// The nodes to ask, one after the other, by CLUSTER SLOTS.
    let nodes: [Host]

    /// Asks until one node answers.
    ///
    /// - Returns: The answer of the first node that gives one.
    /// - Throws: ``RedisError``: the error of a node that is in no cluster, or wants a password; the code `CLUSTERDOWN` if a
    ///   node knows of none that serves a slot; `connectFailed` if no node answers.
    func map(by deadline: Deadline) throws(RedisError) -> ClusterMap {
        var refusal: RedisError?
        var errors: [RedisError] = []
        for (index, node) in nodes.enumerated() {
            // One that is away costs its part of the time only.
            let patience = max(deadline.remaining / min(nodes.count - index, 4), .milliseconds(1))
            do throws(RedisError) {
                let map = try ask(node, by: Deadline(in: patience))
                if !map.primaries.isEmpty { return map }
                refusal = refusal ?? .slotUnserved(node.description)
            } catch {
                if error.code != nil || error.kind == .tlsFailed { refusal = refusal ?? error }
                errors.append(error)
            }
        }
        throw refusal
            ?? RedisError(
                .connectFailed, address: configuration.address.description, cause: .noNodeAnswers(errors))
    }

    private func ask(_ node: Host, by deadline: Deadline) throws(RedisError) -> ClusterMap {
        // Nobody interrupts it: callers that do not want to wait leave it behind.
        let context = try HiredisContext.open(
            .host(node), configuration, name: "redstream:cluster", by: deadline, interrupter: Interrupter())
        return ClusterMap(try context.exchange(RedisPipeline("CLUSTER", "SLOTS"), by: deadline)[0].get(), from: node)
    }
}
