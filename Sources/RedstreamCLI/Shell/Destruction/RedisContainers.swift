/// Commands of Redis that are families of commands, for a server that does not tell.
enum RedisContainers {
    /// The members of each family, in capitals.
    static let subcommands: [String: [String]] = [
        "xinfo": ["STREAM", "GROUPS", "CONSUMERS"],
        "xgroup": ["CREATE", "CREATECONSUMER", "DELCONSUMER", "DESTROY", "SETID"],
        "config": ["GET", "SET", "REWRITE", "RESETSTAT"],
        "client": [
            "GETNAME", "ID", "INFO", "KILL", "LIST", "NO-EVICT", "PAUSE", "SETNAME", "TRACKING", "UNBLOCK", "UNPAUSE",
        ],
        "memory": ["DOCTOR", "MALLOC-STATS", "PURGE", "STATS", "USAGE"],
        "object": ["ENCODING", "FREQ", "IDLETIME", "REFCOUNT"],
        "acl": ["CAT", "DELUSER", "GENPASS", "GETUSER", "LIST", "LOG", "SETUSER", "USERS", "WHOAMI"],
        "script": ["EXISTS", "FLUSH", "KILL", "LOAD"],
        "slowlog": ["GET", "LEN", "RESET"],
        "latency": ["DOCTOR", "GRAPH", "HISTORY", "LATEST", "RESET"],
        "command": ["COUNT", "DOCS", "GETKEYS", "INFO", "LIST"],
        "cluster": ["INFO", "KEYSLOT", "MYID", "NODES", "SHARDS", "SLOTS"],
        "pubsub": ["CHANNELS", "NUMPAT", "NUMSUB"],
    ]
}
