extension AccessRules {
    /// The needs of every task: the one table from which the page on access rules, the manual and the hints are made.
    static let table = [
        produce, look, consume, delay, trim, inspect, seek, forget, deadLetters, replay, purge, completion,
    ]

    /// The needs of some connections before any task: of a database other than 0, of a cluster, of sentinels.
    static let connecting = ["select", "cluster|slots", "asking", "role", "sentinel|master"]

    /// Taking a lock, keeping it, and giving it back.
    private static let lock = ["eval", "get", "set", "pexpire", "del", "rpush"]
    /// Running a script that the server may not know yet.
    private static let script = ["script|load", "evalsha"]
    private static let standby = Addition(
        occasion: "to stand by for a lock, and with --shards", commands: ["pttl", "brpop"])

    static let produce = AccessRules(
        task: "produce", types: ["Producer", "BlockingProducer", "RecordProducer", "RecordStreamer"],
        commands: ["xadd"], keys: [.streams],
        additions: [
            Addition(occasion: "with --wait-replicas", commands: ["wait"]),
            Addition(occasion: "with --keep-ids, after a lost connection", commands: ["xrange"]),
        ])
    static let look = AccessRules(
        task: "consume without --name", types: ["StreamReader", "ShardedReader"],
        commands: ["time", "xinfo|stream", "xread"],
        keys: [.streams],
        additions: [Addition(occasion: "with --from committed:NAME", commands: ["get"], keys: [.offsets])])
    static let consume = AccessRules(
        task: "consume --name", types: ["Consumer", "ShardedConsumer"],
        commands: lock + script + ["exists", "time", "xinfo|stream", "xread"],
        keys: [.streams, .offsets, .consumerLocks],
        additions: [
            standby,
            Addition(occasion: "with --max-attempts", commands: ["hgetall", "hset", "hdel"], keys: [.attempts]),
            Addition(occasion: "with --on-failure dead-letter", commands: ["hget", "xadd"], keys: [.replays]),
        ])
    static let delay = AccessRules(
        task: "delay --stream", types: ["Delayer", "DelayerFleet", "ShardedDelayer"],
        commands: lock + [
            "watch", "unwatch", "multi", "exec", "time", "type", "xadd", "xinfo|stream", "xrange", "xtrim",
        ],
        keys: [.streams, .offsets, .consumerLocks, .delays],
        additions: [
            Addition(occasion: "without --once", commands: ["xread"]), standby,
            Addition(occasion: "without --stream", commands: ["scan"]),
        ])
    static let trim = AccessRules(
        task: "trim", types: ["Trimmer"],
        commands: lock + script + [
            "scan", "time", "xdel", "xinfo|stream", "xrange", "xrevrange", "xtrim",
        ],
        keys: [.streams, .offsets, .trimmerLocks, .trimMarks],
        additions: [Addition(occasion: "with --wait", commands: standby.commands)])
    static let inspect = AccessRules(
        task: "inspect-offsets", types: ["Inspector"],
        commands: ["get", "pttl", "scan", "time", "xinfo|stream", "xlen", "xrange"],
        keys: [.streams, .offsets, .consumerLocks, .delays, .trimMarks])
    static let seek = AccessRules(
        task: "seek", types: ["StreamClient.seek"], commands: lock + script + ["xinfo|stream", "xrange"],
        keys: [.streams, .offsets, .consumerLocks, .attempts],
        additions: [
            Addition(occasion: "to a time", commands: ["time"]),
            Addition(occasion: "with a negative --shift-by", commands: ["xrevrange"]),
        ])
    static let forget = AccessRules(
        task: "forget", types: ["StreamClient.forget"], commands: lock + script,
        keys: [.offsets, .consumerLocks, .attempts, .replays])
    static let deadLetters = AccessRules(
        task: "dead-letters list and show", types: ["StreamClient.deadLetters"],
        commands: ["xinfo|stream", "xlen", "xrange"], keys: [.streams], additions: [withoutLetters])
    /// To tell a consumer that has none from a name that is a mistake.
    private static let withoutLetters = Addition(
        occasion: "of a consumer that has none", commands: ["exists"], keys: [.offsets, .consumerLocks])
    static let replay = AccessRules(
        task: "dead-letters replay", types: ["StreamClient.replay"],
        commands: script + ["del", "get", "hdel", "hkeys", "hset", "xadd", "xdel", "xinfo|stream", "xlen", "xrange"],
        keys: [.streams, .offsets, .replays], additions: [withoutLetters])
    static let purge = AccessRules(
        task: "dead-letters purge", types: ["StreamClient.purgeDeadLetters"],
        commands: script + ["del", "xdel", "xinfo|stream", "xlen", "xrange"], keys: [.streams],
        additions: [withoutLetters])
    static let completion = AccessRules(
        task: "completion of names, Tab in the shell", types: [], commands: ["scan"], keys: [])
}
