import RedstreamConnection

/// The meaning of a server's errors, and of those on the way to it, for the user.
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

    /// Returns what to do about an error; nil if nothing is known to help.
    static func hint(for error: RedisError, in surroundings: Surroundings) -> String? {
        let place = surroundings.place
        return switch error.cause {
        case .tls(let cause): hint(tls: cause)
        case .server(let code, _): hint(code, error, in: surroundings)
        case .notPrimary: hint(failoverIn: surroundings)
        case .slotUnserved: hint(.clusterDown, error, in: surroundings)
        case .entryTooLarge:
            "CONFIG SET client-output-buffer-limit 'normal 0 0 0' lets it through; redstream seek passes over it"
        case .tlsOnPlainPort: "rediss:// is for a server with TLS"
        case .closedBeforeReply: "redis-cli ping tells whether it is up; rediss:// is for a server with TLS"
        case .silent:
            "is it a Redis server? rediss:// is for one with TLS; --connect-timeout is how long it may take to answer"
        case .hostUnresolved: place.checkName
        case .unknownService:
            "the URL's last part names the service: SENTINEL MASTERS lists those that a sentinel knows"
        case .slotMoved where error.kind == .slotMoved: "the cluster is being changed: try again"
        case .malformedReply, .unexpectedReply:
            "is \(error.address) a Redis server, without TLS? rediss:// is for one with TLS"
        case .cancelled, .unsupportedVersion, .replyTooDeep: nil
        case .system(let code) where hint(for: code) != nil: hint(for: code)
        case .threadRefused: threadHint
        case .passwordUnreadable(let source, _): "check \(source)"
        case .connectionRefused, .addressesFailed, .connectTimedOut, .system, .commandTimedOut, .closedByServer,
            .closedWhileIdle, .replyTooLarge, .closed,
            .nodesStillAsked, .slotMoved, .poolExhausted, .other:
            hint(away: error, in: surroundings)
        case .noSentinelAnswers(let errors), .noNodeAnswers(let errors):
            // One of them may tell more than that it is away.
            errors.lazy.compactMap { hint(for: $0, in: surroundings) }.first { $0 != place.nameServer }
                ?? place.nameServer
        }
    }

    private static func hint(away error: RedisError, in surroundings: Surroundings) -> String? {
        guard error.isServerUnreachable || error.kind == .poolExhausted else { return nil }
        // A service that was there before knows where its server is.
        if surroundings.isWaitedOut, error.kind != .connectFailed { return "redis-cli ping tells whether it is up" }
        return surroundings.place.nameServer
    }

    private static func hint(tls cause: RedisError.TLS) -> String? {
        switch cause {
        case .notBuilt: "the trait TLS is on by default: build it without --disable-default-traits"
        case .unreadableFile, .unfinishedFile, .invalidFile:
            "--cacert, --cert and --key name files in PEM that this user may read"
        case .keyMismatch: "--cert names a certificate, and --key the key that belongs to it"
        case .untrusted, .distrusted: "--cacert names the file with the authority that signed it"
        case .wrongHost: "name the server in --url as its certificate does"
        case .notTLS, .noGreeting, .closedDuringHandshake:
            "redis:// is for a server without TLS; or is its TLS port another?"
        case .clientCertificateWanted, .clientCertificateRefused:
            "--cert and --key name a certificate that the server's authority has signed"
        case .expired: "its operator has to renew it"
        case .notYetValid: "check the clocks of this machine and of the server"
        case .other: nil
        }
    }

    private static func hint(_ code: ServerErrorCode, _ error: RedisError, in surroundings: Surroundings) -> String? {
        let (url, place) = (ServerURL(surroundings.server), surroundings.place)
        let ofCluster = "\(error.address) is a node of a cluster: \(place.naming(url.ofCluster(at: error.address)))"
        return switch code {
        case .noPassword: place.givePassword(url)
        case .wrongPassword: place.checkPassword(from: surroundings.credentials)
        case .needlessPassword:
            "the server has no password for this user: leave it out of \(surroundings.credentials ?? place.url)"
        case .noPermission:
            surroundings.access?.hint(for: error.reason)
                ?? "the ACL of this user lacks a right: ACL GETUSER tells which it has"
        case .wrongType: "a key of this name is of another type: TYPE tells; another \(place.namespace) avoids it"
        case .outOfMemory: "the server is at its maxmemory: redstream trim makes room"
        case .diskFailure: "the server cannot write its disk: see its log"
        case .readOnly, .waitAtReplica: hint(replica: error, in: surroundings)
        case .noReplicas: "too few replicas are in sync for its min-replicas-to-write: INFO replication tells which"
        case .masterDown: "the replica has lost its primary: name the primary with \(place.url)"
        case .loading: "INFO persistence tells how far it is"
        case .busy: "a script runs for too long: SCRIPT KILL ends one that has written nothing"
        case .moved, .ask: ofCluster
        case .crossSlot where surroundings.server?.address.hasFailover == false: ofCluster
        case .crossSlot: "in a cluster, keys of one command share a part in braces, such as {shop}:a and {shop}:b"
        case .clusterDown: "the cluster has slots that no node serves: redis-cli --cluster check tells which"
        case .tryAgain:
            "a slot is on its way between two nodes: redis-cli --cluster fix ends a move that was cut short"
        case .noSentinel: "\(error.address) is no sentinel: redis://\(error.address) is for a server"
        case .noCluster:
            "\(error.address) is a server of its own: \(place.naming("redis://\(error.address)"))"
        case .idNotGreater: "the stream is past that id: leave out --keep-ids, or restore into an empty stream"
        case .tooManyClients: "CLIENT LIST tells who is connected; CONFIG SET maxclients lets more in"
        case .noSuchDatabase: "the server has fewer databases than that"
        case .unblocked, .noScript, .unknownService, .noSuchKey, .unknownCommand, .other: nil
        }
    }

    private static func hint(replica error: RedisError, in surroundings: Surroundings) -> String {
        if surroundings.server?.address.hasFailover == true { return hint(failoverIn: surroundings) }
        return surroundings.primary.map {
            "\(error.address) is a replica of \($0): name that one with \(surroundings.place.url)"
        } ?? "\(error.address) is a replica: name the primary with \(surroundings.place.url)"
    }

    private static func hint(failoverIn surroundings: Surroundings) -> String {
        surroundings.isWaitedOut
            ? "a failover takes its time: a replica is promoted within seconds, or the operator has to"
            : "a failover takes its time: --retry-for is how long to wait for it"
    }
}

extension Failure.Place {
    /// The way to name a server: an option, or a command of the shell.
    fileprivate var url: String { self == .shell ? "connect URL" : "--url" }
    fileprivate var namespace: String { self == .shell ? "namespace" : "--namespace" }

    fileprivate func naming(_ url: String) -> String { self == .shell ? "connect \(url)" : "--url \(url)" }

    fileprivate var nameServer: String {
        self == .shell
            ? "the next command tries again; connect URL changes the server"
            : "name the server with --url or REDSTREAM_URL; redis-cli ping tells whether it is up"
    }

    fileprivate var checkName: String {
        self == .shell
            ? "check the host's name; connect URL changes the server"
            : "check the host's name in --url or REDSTREAM_URL"
    }

    fileprivate func givePassword(_ url: ServerURL) -> String {
        self == .shell
            ? "the server wants a password: AUTH password, or connect \(url.withPassword)"
            : "the server wants a password: --url \(url.withPassword), or --password-file"
    }

    fileprivate func checkPassword(from credentials: String?) -> String {
        self == .shell
            ? "user or password is wrong: AUTH user password tries another"
            : "user or password is wrong: check \(credentials ?? "--url, REDSTREAM_URL or --password-file")"
    }
}
