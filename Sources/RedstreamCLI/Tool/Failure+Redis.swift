import RedisClient

/// What the errors of a server, and of the way to it, mean to the user.
extension Failure {
    init(redis error: RedisError, while action: String, in surroundings: Surroundings) {
        switch error.kind {
        case .connectFailed, .connectionLost, .timedOut, .poolExhausted:
            self.init(.unreachable, "\(action): \(error)", hint: Self.hint(away: error.reason))
        case .slotMoved:
            self.init(.unreachable, "\(action): \(error)", hint: "the cluster is being changed: try again")
        case .cancelled: self.init(.failed, "\(action): cut short")
        case .protocolViolation:
            self.init(
                .failed, "\(action): \(error)",
                hint: "is \(error.address) a Redis server, without TLS? rediss:// is for one with TLS")
        case .tlsFailed: self.init(.failed, "\(action): \(error)", hint: Self.hint(tls: error.reason))
        case .unsupportedServer: self.init(.failed, "\(action): \(error)")
        case .server(let code):
            self.init(
                error.retryAdvice == .retry ? .unreachable : .failed, "\(action): \(error.reason)",
                hint: Self.hint(code, error, in: surroundings))
        }
    }

    private static func hint(away reason: String) -> String {
        switch true {
        case reason.contains("does it speak TLS"):
            "redis:// is for a server without TLS; or is its TLS port another?"
        case reason.contains("before a first answer"):
            "redis-cli ping tells whether it is up; rediss:// is for a server with TLS"
        case reason.contains("says nothing"):
            "is it a Redis server? rediss:// is for one with TLS; --connect-timeout is how long it may take to answer"
        case reason.contains("cannot be resolved"): "check the host's name in --url or REDSTREAM_URL"
        case reason.contains("no sentinel knows"):
            "the URL's last part names the service: SENTINEL MASTERS lists those that a sentinel knows"
        default: "name the server with --url or REDSTREAM_URL; redis-cli ping tells whether it is up"
        }
    }

    private static func hint(tls reason: String) -> String? {
        switch true {
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
        switch code {
        case "NOAUTH": "the server wants a password: --url redis://:password@host, or --password-file"
        case "WRONGPASS": "user or password is wrong: check --url, REDSTREAM_URL or --password-file"
        case "NOPERM":
            surroundings.access?.hint(for: error.reason)
                ?? "the ACL of this user lacks a right: ACL GETUSER tells which it has"
        case "WRONGTYPE": "a key of this name is of another type: TYPE tells; another --namespace avoids it"
        case "OOM": "the server is at its maxmemory: redstream trim makes room"
        case "MISCONF": "the server cannot write its disk: see its log"
        case "READONLY" where error.reason.contains("sentinels"):
            "a failover takes its time: --retry-for is how long to wait for it"
        case "READONLY":
            surroundings.primary.map { "\(error.address) is a replica of \($0): name that one with --url" }
                ?? "\(error.address) is a replica: name the primary with --url"
        case "MOVED", "ASK": "\(error.address) is a node of a cluster: --url redis+cluster://\(error.address)"
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
        case "ERR" where error.reason.contains("DB index"): "the server has fewer databases than that"
        default: nil
        }
    }
}
