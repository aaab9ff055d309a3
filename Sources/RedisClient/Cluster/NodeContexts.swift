#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Connections to the nodes of a cluster, by node, for one caller; and following from one to the other.
///
/// Synchronous, and used by one thread at a time.
final class NodeContexts {
    typealias Host = RedisConfiguration.Host

    /// How often a command is sent on before it is given up: nodes that disagree come to terms within moments.
    private static let redirectionLimit = 8

    let cluster: ClusterTopology
    private let configuration: RedisConfiguration
    private let name: String
    private let interrupter: SocketInterrupter
    private var contexts: [Host: HiredisContext] = [:]

    init(
        _ cluster: ClusterTopology, _ configuration: RedisConfiguration, name: String,
        interrupter: SocketInterrupter = SocketInterrupter()
    ) {
        self.cluster = cluster
        self.configuration = configuration
        self.name = name
        self.interrupter = interrupter
    }

    /// Hands out the connection to a node, for another owner.
    func take(_ host: Host) -> HiredisContext? { contexts.removeValue(forKey: host) }

    /// Sends a pipeline to a node and waits for its replies.
    ///
    /// A connection that fails is closed.
    func exchange(_ pipeline: RedisPipeline, at host: Host, deadline: Deadline) throws(RedisError) -> RedisReplies {
        do throws(RedisError) {
            let context = try context(to: host, deadline: deadline)
            try context.write(pipeline.bytes, deadline: deadline)
            return try context.read(replies: pipeline.count, deadline: deadline)
        } catch {
            contexts[host] = nil
            if error.tellsOfAbsence { cluster.distrust() }
            throw error
        }
    }

    /// Sends on what a node has refused, in order, until every command is answered by the node that serves its key.
    ///
    /// A WAIT that stands behind a refused command is sent on with it: it would speak for another node.
    ///
    /// - Parameters:
    ///   - commands: What was sent.
    ///   - replies: What was answered.
    ///   - host: Who has answered.
    ///   - deadline: Until when.
    /// - Returns: The replies, and where the slot is now if it has moved for good.
    /// - Throws: ``RedisError``; of kind `slotMoved` where no end was found.
    func follow(
        _ commands: PipelineCommands, _ replies: RedisReplies, from host: Host, deadline: Deadline
    ) throws(RedisError) -> (replies: RedisReplies, moved: Host?) {
        var replies = replies
        var askers: [Int: Host] = [:]
        var moved: Host?
        for round in 0..<Self.redirectionLimit {
            let parts = RedirectedPart.parts(of: replies, to: commands) { askers[$0] ?? host }
            if parts.isEmpty { return (replies, moved) }
            // What one node says and the next denies is being settled between them.
            if round > 1 { usleep(UInt32(10_000 << min(round, 4))) }
            for part in parts {
                if part.kind == .moved { moved = part.host }
                part.redirections.forEach(cluster.note)
                let answers = try exchange(part.pipeline(of: commands), at: part.host, deadline: deadline)
                let kept = part.replies(in: answers)
                replies = replies.replacing(part.places, with: kept)
                for place in part.places { askers[place] = part.host }
            }
        }
        throw RedisError(
            .slotMoved, address: host.description, reason: "the nodes of the cluster do not agree on who serves the key"
        )
    }

    private func context(to host: Host, deadline: Deadline) throws(RedisError) -> HiredisContext {
        if let open = contexts[host], !open.hasInput { return open }
        var configuration = ServerRoute.configuration(configuration, at: host)
        configuration.connectTimeout = min(configuration.connectTimeout, deadline.remaining)
        configuration.commandTimeout = min(configuration.commandTimeout, deadline.remaining)
        let context = try HiredisContext(configuration, interrupter: interrupter)
        try Handshake(configuration: configuration, name: name).perform(on: context)
        contexts[host] = context
        return context
    }
}
