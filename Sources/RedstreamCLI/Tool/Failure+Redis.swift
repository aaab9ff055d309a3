import RedisClient

/// What the errors of a server, and of the way to it, mean to the user.
extension Failure {
    init(redis error: RedisError, while action: String, in surroundings: Surroundings) {
        let hint = Self.hint(for: error, in: surroundings)
        switch error.kind {
        case .connectFailed, .connectionLost, .timedOut, .poolExhausted, .slotMoved:
            self.init(.unreachable, "\(action): \(error)", hint: hint)
        case .cancelled: self.init(.failed, "\(action): cut short")
        case .protocolViolation, .tlsFailed, .unsupportedServer: self.init(.failed, "\(action): \(error)", hint: hint)
        case .server:
            self.init(
                error.retryAdvice == .retry ? .unreachable : .failed, "\(action): \(error.reason)", hint: hint)
        }
    }

    /// What to do about an error; nil where nothing is known to help.
    static func hint(for error: RedisError, in surroundings: Surroundings) -> String? {
        switch error.kind {
        case .connectFailed, .connectionLost, .timedOut, .poolExhausted: hint(away: error, in: surroundings)
        case .slotMoved: "the cluster is being changed: try again"
        case .protocolViolation: "is \(error.address) a Redis server, without TLS? rediss:// is for one with TLS"
        case .tlsFailed: hint(tls: error.reason)
        case .cancelled, .unsupportedServer: nil
        case .server(let code): hint(code, error, in: surroundings)
        }
    }

    private static func hint(away error: RedisError, in surroundings: Surroundings) -> String {
        let reason = error.reason
        return switch true {
        case reason.contains("does it speak TLS"):
            "redis:// is for a server without TLS; or is its TLS port another?"
        case reason.contains("before a first answer"):
            "redis-cli ping tells whether it is up; rediss:// is for a server with TLS"
        case reason.contains("says nothing"):
            "is it a Redis server? rediss:// is for one with TLS; --connect-timeout is how long it may take to answer"
        case reason.contains("cannot be resolved"): "check the host's name in --url or REDSTREAM_URL"
        case reason.contains("no sentinel knows"):
            "the URL's last part names the service: SENTINEL MASTERS lists those that a sentinel knows"
        // A service that was there before knows where its server is.
        case surroundings.isWaitedOut && error.kind != .connectFailed: "redis-cli ping tells whether it is up"
        default: "name the server with --url or REDSTREAM_URL; redis-cli ping tells whether it is up"
        }
    }

    private static func hint(tls reason: String) -> String? {
        switch true {
        case reason.contains("cannot be opened"): "--cacert, --cert and --key name files in PEM that this user may read"
        case reason.contains("signed by none"), reason.contains("not trusted"):
            "--cacert names the file with the authority that signed it"
        case reason.contains("another host"): "name the server in --url as its certificate does"
        case reason.contains("does not speak TLS"): "redis:// is for a server without TLS; or is its TLS port another?"
        case reason.contains("client"): "--cert and --key name a certificate that the server's authority has signed"
        case reason.contains("expired"): "its operator has to renew it"
        default: nil
        }
    }

    private static func hint(_ code: String, _ error: RedisError, in surroundings: Surroundings) -> String? {
        let url = ServerURL(surroundings.server)
        return switch code {
        case "NOAUTH": "the server wants a password: --url \(url.withPassword), or --password-file"
        case "WRONGPASS": "user or password is wrong: check --url, REDSTREAM_URL or --password-file"
        case "NOPERM":
            surroundings.access?.hint(for: error.reason)
                ?? "the ACL of this user lacks a right: ACL GETUSER tells which it has"
        case "WRONGTYPE": "a key of this name is of another type: TYPE tells; another --namespace avoids it"
        case "OOM": "the server is at its maxmemory: redstream trim makes room"
        case "MISCONF": "the server cannot write its disk: see its log"
        case "READONLY": hint(readOnly: error, in: surroundings)
        case "NOREPLICAS": "too few replicas are in sync for its min-replicas-to-write: INFO replication tells which"
        case "MASTERDOWN": "the replica has lost its primary: name the primary with --url"
        case "LOADING": "INFO persistence tells how far it is"
        case "BUSY": "a script runs for too long: SCRIPT KILL ends one that has written nothing"
        case "MOVED", "ASK": "\(error.address) is a node of a cluster: --url \(url.ofCluster(at: error.address))"
        case "CROSSSLOT" where surroundings.server?.address.isOfSeveral == false:
            "\(error.address) is a node of a cluster: --url \(url.ofCluster(at: error.address))"
        case "CROSSSLOT": "in a cluster, keys of one command share a part in braces, such as {shop}:a and {shop}:b"
        case "CLUSTERDOWN": "the cluster has slots that no node serves: redis-cli --cluster check tells which"
        case "TRYAGAIN":
            "a slot is on its way between two nodes: redis-cli --cluster fix ends a move that was cut short"
        case "ERR" where error.reason.contains("unknown command 'SENTINEL'"),
            "ERR" where error.reason.contains("unknown command `SENTINEL`"):
            "\(error.address) is no sentinel: redis://\(error.address) is for a server"
        case "ERR" where error.reason.contains("cluster support disabled"):
            "\(error.address) is a server of its own: --url redis://\(error.address)"
        case "ERR" where error.reason.contains("AUTH"):
            "the server has no password for this user: leave it out of --url"
        case "ERR" where error.reason.contains("equal or smaller"):
            "the stream is past that id: leave out --keep-ids, or restore into an empty stream"
        case "ERR" where error.reason.contains("max number of clients"):
            "CLIENT LIST tells who is connected; CONFIG SET maxclients lets more in"
        case "ERR" where error.reason.contains("DB index"): "the server has fewer databases than that"
        default: nil
        }
    }

    private static func hint(readOnly error: RedisError, in surroundings: Surroundings) -> String {
        switch true {
        case surroundings.server?.address.isOfSeveral == true, error.reason.contains("sentinels"):
            surroundings.isWaitedOut
                ? "a failover takes its time: a replica is promoted within seconds, or the operator has to"
                : "a failover takes its time: --retry-for is how long to wait for it"
        default:
            surroundings.primary.map { "\(error.address) is a replica of \($0): name that one with --url" }
                ?? "\(error.address) is a replica: name the primary with --url"
        }
    }
}
