import RedstreamConnection

/// The parts that the commands of a shell's session share: the connections and the namespace.
struct SessionClient: Sendable {
    let pool: RedisPool
    let namespace: String?
}
