/// A connection for code that cannot suspend: it blocks its caller, up to a deadline.
///
/// It is used by one thread, or confined to one queue; hence it is not `Sendable`. A failed call closes it, and
/// the next one opens it anew.
public final class BlockingRedisConnection {
    private let configuration: RedisConfiguration
    private let name: String
    /// The server, as `host:port` or a socket path.
    public var address: String { configuration.address.description }
    private var context: HiredisContext?

    /// Creates a connection that is opened by its first use.
    public init(_ configuration: RedisConfiguration, name: String) {
        self.configuration = configuration
        self.name = name
    }

    /// Sends a pipeline and blocks until all replies have come.
    ///
    /// - Parameters:
    ///   - pipeline: One command or many.
    ///   - timeout: How long to wait at most, opening a connection included where that is needed. Only the resolution of
    ///     a host's name is outside of it: the system's resolver knows no deadline.
    /// - Returns: A reply for each command; an error that the server answered is a reply.
    /// - Throws: ``RedisError`` when no connection could be opened, or it broke.
    public func execute(_ pipeline: RedisPipeline, timeout: Duration) throws(RedisError) -> RedisReplies {
        let deadline = Deadline(in: timeout)
        let context: HiredisContext
        if let open = self.context { context = open } else { context = try open(deadline: deadline) }
        self.context = nil
        try context.write(pipeline.bytes, deadline: deadline)
        let replies = try context.read(replies: pipeline.count, deadline: deadline)
        // A primary that has become a replica is left for its successor.
        let isDemoted =
            configuration.isFollowingPrimary && replies.firstError?.error(from: address)?.code == "READONLY"
        self.context = isDemoted ? nil : context
        return replies
    }

    private func open(deadline: Deadline) throws(RedisError) -> HiredisContext {
        var hurried = configuration
        hurried.connectTimeout = min(configuration.connectTimeout, deadline.remaining)
        let opening = Deadline(in: hurried.connectTimeout)
        let context = try HiredisContext(hurried)
        try Handshake(configuration: configuration, name: name).perform(on: context, by: opening)
        return context
    }
}
