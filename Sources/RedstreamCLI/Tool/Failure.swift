import RedisClient
import Redstream

/// An error as the user meets it: what failed and why, what to do about it, and the exit code.
struct Failure: Error, Sendable, Equatable {
    var code: ExitCode
    /// `what failed: why`, without the program's name.
    var message: String
    /// The flag or the next command that helps; nil where nothing is known to.
    var hint: String?

    init(_ code: ExitCode, _ message: String, hint: String? = nil) {
        self.code = code
        self.message = message
        self.hint = hint
    }

    /// Turns any error into what the user reads: the one place that does.
    ///
    /// - Parameters:
    ///   - error: What was thrown.
    ///   - action: What the command was doing, as in "cannot …".
    init(_ error: any Error, while action: String) {
        switch error {
        case let failure as Failure: self = failure
        case let error as UnretryableHandlerError: self.init(error.underlying, while: action)
        case let error as RedisError: self.init(redis: error, while: action)
        case let error as RedstreamError: self.init(redstream: error, while: action)
        case let error as OutputError: self.init(.failed, "\(action): \(error)")
        case is CancellationError: self.init(.failed, "\(action): cut short")
        default: self.init(.failed, "\(action): \(error)")
        }
    }

    private init(redstream error: RedstreamError, while action: String) {
        switch error {
        case .lockHeld(let holder):
            self.init(
                .lockHeld, "\(action): the lock is held by \(holder)",
                hint: "redstream inspect-offsets shows who holds what")
        case .memberHeld:
            self.init(.lockHeld, "\(action): \(error)", hint: "redstream inspect-offsets shows who holds what")
        case .splitKeys(let split):
            let name = split.suggestion.map { "--stream \(ShellText.quoted($0)), or " } ?? ""
            self.init(
                .usage, "\(action): \(error)",
                hint: "\(name)--namespace with a part in braces, such as '{shop}', which holds for all streams")
        case .unknownStream:
            self.init(.failed, "\(action): \(error)", hint: "redstream inspect-offsets shows which there are")
        case .unreadableOffset(let name):
            self.init(
                .failed, "\(action): \(error)",
                hint: "redstream forget --stream \(ShellText.quoted(name.stream)) --name \(ShellText.quoted(name.name))"
            )
        case .unknownConsumer(let name):
            self.init(
                .failed, "\(action): \(error)",
                hint: "redstream inspect-offsets --stream \(ShellText.quoted(name.stream))")
        case .gaveUp(let name, let id, _, _):
            let words = "--stream \(ShellText.quoted(name.stream)) --name \(ShellText.quoted(name.name))"
            self.init(
                .failed, "\(action): \(error)",
                hint:
                    "--on-failure dead-letter puts such messages aside; redstream seek \(words) --to \(id) passes over it"
            )
        default: self.init(.failed, "\(action): \(error)")
        }
    }

    private init(redis error: RedisError, while action: String) {
        let address = error.address
        switch error.kind {
        case .connectFailed, .connectionLost, .timedOut, .poolExhausted:
            self.init(
                .unreachable, "\(action): \(error)",
                hint: "name the server with --url or REDSTREAM_URL; redis-cli ping tells whether it is up")
        case .slotMoved:
            self.init(.unreachable, "\(action): \(error)", hint: "the cluster is being changed: try again")
        case .cancelled: self.init(.failed, "\(action): cut short")
        case .protocolViolation:
            self.init(.failed, "\(action): \(error)", hint: "is \(address) a Redis server, without TLS?")
        case .tlsFailed: self.init(.failed, "\(action): \(error)", hint: Self.hint(tls: error.reason))
        case .unsupportedServer: self.init(.failed, "\(action): \(error)")
        case .server(let code):
            // What a script adds tells of our code, not of the user's keys.
            let reason = error.reason.firstRange(of: " script: ").map { error.reason[..<$0.lowerBound] }
            self.init(
                error.retryAdvice == .retry ? .unreachable : .failed, "\(action): \(reason ?? error.reason[...])",
                hint: Self.hint(code, error))
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

    private static func hint(_ code: String, _ error: RedisError) -> String? {
        switch code {
        case "NOAUTH": "the server wants a password: --url redis://:password@host, or --password-file"
        case "WRONGPASS": "user or password is wrong: check --url, REDSTREAM_URL or --password-file"
        case "NOPERM": "the ACL of this user lacks a right: ACL GETUSER tells which it has"
        case "WRONGTYPE": "a key of this name is of another type: TYPE tells; another --namespace avoids it"
        case "OOM": "the server is at its maxmemory: redstream trim makes room"
        case "MISCONF": "the server cannot write its disk: see its log"
        case "READONLY": "\(error.address) is a replica: name the primary with --url"
        case "MOVED", "ASK": "\(error.address) is a node of a cluster: --url redis+cluster://\(error.address)"
        case "CROSSSLOT": "in a cluster, keys of one command share a part in braces, such as {shop}:a and {shop}:b"
        case "CLUSTERDOWN": "the cluster has slots that no node serves: redis-cli --cluster check tells which"
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
