import Redstream
import RedstreamConnection
import Testing

@testable import RedstreamCLI

/// The message, the hint and the exit code of each cause.
@Suite struct CauseTests {
    struct Row: Sendable {
        let error: RedisError
        let message: String
        let hint: String?
        let code: RedstreamCLI.ExitCode

        /// A row for a cause at `h:1`.
        init(
            _ kind: RedisError.Kind, _ cause: RedisError.Cause, _ message: String, hint: String?,
            _ code: RedstreamCLI.ExitCode
        ) {
            error = RedisError(kind, address: "h:1", cause: cause)
            self.message = message
            self.hint = hint
            self.code = code
        }

        /// A row for what a server says.
        init(_ words: String, hint: String?, _ code: RedstreamCLI.ExitCode) {
            error = RedisError(server: words, address: "h:1")
            message = words
            self.hint = hint
            self.code = code
        }
    }

    private static let name = "name the server with --url or REDSTREAM_URL; redis-cli ping tells whether it is up"
    private static let plain = "redis:// is for a server without TLS; or is its TLS port another?"
    private static let failover = "a failover takes its time: --retry-for is how long to wait for it"
    private static let shell = Failure.Surroundings(
        server: RedisConfiguration(address: .tcp(host: "h", port: 7712)), place: .shell)
    private static let ping = RedisError(.connectFailed, address: "h:2", cause: .connectionRefused)

    static let ways: [Row] = [
        Row(
            .connectFailed, .hostUnresolved("Name or service not known"),
            "cannot connect to h:1: the name of the host cannot be resolved: Name or service not known",
            hint: "check the host's name in --url or REDSTREAM_URL", .unreachable),
        Row(
            .connectFailed, .connectionRefused, "cannot connect to h:1: Connection refused", hint: name, .unreachable),
        Row(
            .connectFailed,
            .addressesFailed([.init(address: "::1", code: 111), .init(address: "127.0.0.1", code: 110)]),
            "cannot connect to h:1: Connection refused (::1), Connection timed out (127.0.0.1)", hint: name,
            .unreachable),
        Row(
            .connectFailed, .passwordUnreadable(source: "the vault", reason: "it is locked"),
            "cannot connect to h:1: the password cannot be read from the vault: it is locked", hint: "check the vault",
            .unreachable),
        Row(
            .connectionLost, .closedWhileIdle, "connection to h:1 lost: the server closed it before anything was sent",
            hint: name, .unreachable),
        Row(
            .connectFailed, .connectTimedOut, "cannot connect to h:1: Connection timed out", hint: name, .unreachable),
        Row(
            .connectFailed, .system(2), "cannot connect to h:1: No such file or directory", hint: name, .unreachable),
        Row(
            .timedOut, .silent, "no answer from h:1: the server accepts connections but does not answer",
            hint:
                "is it a Redis server? rediss:// is for one with TLS; --connect-timeout is how long it may take to answer",
            .unreachable),
        Row(
            .timedOut, .commandTimedOut, "no answer from h:1: the time for this command is up", hint: name, .unreachable
        ),
        Row(.connectionLost, .closedByServer, "connection to h:1 lost: the server closed it", hint: name, .unreachable),
        Row(
            .connectionLost, .closedBeforeReply, "connection to h:1 lost: the server closed it before its first reply",
            hint: "redis-cli ping tells whether it is up; rediss:// is for a server with TLS", .unreachable),
        Row(
            .connectionLost, .replyTooLarge(entries: 20),
            "connection to h:1 lost: the server closed it on reading 20 entries", hint: name, .unreachable),
        Row(
            .connectionLost, .entryTooLarge("the first after 5-0"),
            "connection to h:1 lost: the server closed it on reading a single entry, the first after 5-0: "
                + "its client-output-buffer-limit may be too small",
            hint: "CONFIG SET client-output-buffer-limit 'normal 0 0 0' lets it through; redstream seek passes over it",
            .unreachable),
        Row(.connectionLost, .closed, "connection to h:1 lost: it was closed", hint: name, .unreachable),
        Row(.cancelled, .cancelled, "cut short", hint: nil, .failed),
        Row(
            .protocolViolation, .tlsOnPlainPort, "unexpected reply from h:1: the server speaks TLS on this port",
            hint: "rediss:// is for a server with TLS", .failed),
        Row(
            .protocolViolation, .replyTooDeep,
            "unexpected reply from h:1: the reply is nested deeper than the installed hiredis reads", hint: nil, .failed
        ),
        Row(
            .protocolViolation, .malformedReply("Protocol error"), "unexpected reply from h:1: Protocol error",
            hint: "is h:1 a Redis server, without TLS? rediss:// is for one with TLS", .failed),
        Row(
            .protocolViolation, .unexpectedReply(to: "SCAN"), "unexpected reply from h:1: this is no reply to SCAN",
            hint: "is h:1 a Redis server, without TLS? rediss:// is for one with TLS", .failed),
        Row(
            .connectFailed, .noSentinelAnswers([ping]),
            "cannot connect to h:1: no sentinel answers; cannot connect to h:2: Connection refused", hint: name,
            .unreachable),
        Row(
            .connectFailed, .unknownService("shpo"), "cannot connect to h:1: no sentinel knows a service shpo",
            hint: "the URL's last part names the service: SENTINEL MASTERS lists those that a sentinel knows",
            .unreachable),
        Row(
            .server(code: "READONLY"), .notPrimary("h:1"), "h:1 is not a primary: a failover is under way",
            hint: failover, .unreachable),
        Row(
            .connectFailed, .noNodeAnswers([ping]),
            "cannot connect to h:1: no node of the cluster answers; cannot connect to h:2: Connection refused",
            hint: name, .unreachable),
        Row(
            .connectFailed,
            .noNodeAnswers([ping, RedisError(.connectionLost, address: "h:3", cause: .closedBeforeReply)]),
            "cannot connect to h:1: no node of the cluster answers; cannot connect to h:2: Connection refused; "
                + "connection to h:3 lost: the server closed it before its first reply",
            hint: "redis-cli ping tells whether it is up; rediss:// is for a server with TLS", .unreachable),
        Row(
            .timedOut, .nodesStillAsked,
            "no answer from h:1: the cluster's nodes were still being asked when the time was up", hint: name,
            .unreachable),
        Row(
            .server(code: "CLUSTERDOWN"), .slotUnserved("h:1"), "CLUSTERDOWN h:1 knows no node that serves the slot",
            hint: "the cluster has slots that no node serves: redis-cli --cluster check tells which", .unreachable),
        Row(
            .slotMoved, .slotMoved(.nodesDisagree),
            "h:1 serves the key no more: the nodes of the cluster do not agree on who does",
            hint: "the cluster is being changed: try again", .unreachable),
        Row(
            .connectionLost, .slotMoved(.closedBeforeWait),
            "connection to h:1 lost: it was closed before replicas were waited for", hint: name, .unreachable),
        Row(
            .unsupportedServer, .unsupportedVersion("5.0.14"),
            "the server at h:1 is Redis 5.0.14: 6.2 is the oldest supported version", hint: nil, .failed),
        Row(
            .poolExhausted, .poolExhausted(size: 8, wait: .seconds(5)),
            "all 8 connections of the pool stayed in use for 5.0 seconds", hint: name, .unreachable),
        Row(.connectFailed, .other("because"), "cannot connect to h:1: because", hint: name, .unreachable),
    ]

    private static let files = "--cacert, --cert and --key name files in PEM that this user may read"
    private static let signed = "--cacert names the file with the authority that signed it"
    private static let client = "--cert and --key name a certificate that the server's authority has signed"

    /// A row of a failure of TLS.
    private static func tls(
        _ cause: RedisError.TLS, _ words: String, hint: String?, _ kind: RedisError.Kind = .tlsFailed,
        start: String = "TLS with h:1 failed: ", _ code: RedstreamCLI.ExitCode = .failed
    ) -> Row {
        Row(kind, .tls(cause), start + words, hint: hint, code)
    }

    static let encrypted: [Row] = [
        tls(
            .notBuilt, "this program was built without the trait TLS of the package redstream",
            hint: "the trait TLS is on by default: build it without --disable-default-traits"),
        // The path tells nothing about the cause.
        tls(
            .invalidFile(.authorities, path: "/etc/client-ca.pem"),
            "the authorities in /etc/client-ca.pem cannot be read as PEM", hint: files),
        tls(
            .unreadableFile(.certificate, path: "/expired/client.pem", errno: 13),
            "the file of the certificate, /expired/client.pem, cannot be opened: Permission denied", hint: files),
        tls(
            .keyMismatch, "the client's certificate and key do not belong together",
            hint: "--cert names a certificate, and --key the key that belongs to it"),
        tls(
            .untrusted(authorities: "/etc/client/expired.pem"),
            "the server's certificate is signed by none of the authorities in /etc/client/expired.pem", hint: signed),
        tls(
            .untrusted(authorities: nil),
            "the server's certificate is signed by none of the authorities of this system", hint: signed),
        tls(.distrusted, "the server's certificate is not trusted", hint: signed),
        tls(
            .expired(.server, on: "2026-01-02"), "the server's certificate expired on 2026-01-02",
            hint: "its operator has to renew it"),
        tls(
            .expired(.authority, on: "2026-01-02"), "a certificate of the server's authority expired on 2026-01-02",
            hint: "its operator has to renew it"),
        tls(
            .notYetValid(.server, from: "2036-01-02"), "the server's certificate is valid from 2036-01-02 only",
            hint: "check the clocks of this machine and of the server"),
        tls(
            .wrongHost, "the server's certificate is for another host",
            hint: "name the server in --url as its certificate does"),
        tls(.notTLS, "the server does not speak TLS on this port", hint: plain),
        tls(
            .noGreeting, "the server does not answer the TLS handshake", hint: plain, .connectFailed,
            start: "cannot connect to h:1: ", .unreachable),
        tls(
            .closedDuringHandshake, "the server closed it during the TLS handshake", hint: plain, .connectionLost,
            start: "connection to h:1 lost: ", .unreachable),
        tls(.clientCertificateWanted, "the server wants a client certificate", hint: client),
        tls(.clientCertificateRefused, "the server does not accept the client's certificate", hint: client),
        tls(.other("client expired"), "client expired", hint: nil),
    ]

    @Test(arguments: ways + encrypted + refusals)
    func causeHasItsMessageHintAndExitCode(row: Row) {
        let failure = Failure(row.error, while: "cannot test")
        #expect(failure.message == "cannot test: \(row.message)")
        #expect(failure.hint == row.hint)
        #expect(failure.code == row.code)
    }

    @Test func everyServerErrorHasARow() {
        let known = Set(Self.refusals.compactMap(\.error.serverCode))
        #expect(known == Set(ServerErrorCode.allCases))
    }

    @Test(arguments: ways + encrypted + refusals)
    func shellNamesNoOptionForItsServer(row: Row) {
        // What a session cannot change is told as the shell itself is told it, when it starts.
        let isAboutFiles = if case .tls = row.error.cause { true } else { false }
        let hint = Failure.hint(for: row.error, in: Self.shell) ?? ""
        #expect(isAboutFiles || !hint.contains("--url"), "\(hint)")
        #expect(!hint.contains("REDSTREAM_URL"), "\(hint)")
    }

    @Test func shellAsksForAPasswordOfItsOwnServer() {
        #expect(
            Failure.hint(for: RedisError(server: "NOAUTH", address: "h:7712"), in: Self.shell)
                == "the server wants a password: AUTH password, or connect redis://:password@h:7712")
    }

    @Test func failoverIsWaitedForWhereThereIsOne() {
        let sentinel = RedisConfiguration(address: .sentinel(service: "s", sentinels: [.init("h", port: 1)]))
        let replica = RedisError(server: "READONLY You can't write", address: "h:1")
        #expect(Failure.hint(for: replica, in: .init(server: sentinel)) == Self.failover)
        #expect(
            Failure.hint(for: replica, in: .init(server: sentinel, isWaitedOut: true))
                == "a failover takes its time: a replica is promoted within seconds, or the operator has to")
    }
}
