/// A round of questions to the nodes of a cluster, about which of them serves which slot.
///
/// Synchronous: it blocks the thread that asks.
struct ClusterSurvey {
    typealias Host = RedisConfiguration.Host

    let configuration: RedisConfiguration
    /// The nodes to ask, one after the other, by CLUSTER SLOTS.
    let nodes: [Host]

    /// Asks until one node answers.
    ///
    /// - Returns: What the first node that answers has told.
    /// - Throws: ``RedisError``: what a node says that is no cluster's, or wants a password; the code `CLUSTERDOWN` where a
    ///   node knows of none that serves a slot; `connectFailed` where no node answers.
    func map(by deadline: Deadline) throws(RedisError) -> ClusterMap {
        var refusal: RedisError?
        var errors: [RedisError] = []
        for (index, node) in nodes.enumerated() {
            // One that is away costs its part of the time only.
            let patience = max(deadline.remaining / min(nodes.count - index, 4), .milliseconds(1))
            do throws(RedisError) {
                let map = try ask(node, patience: patience)
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
