package import RedstreamSystem

extension RedisError {
    /// Why something failed, as a fact.
    ///
    /// The words of an error are made from it, and so is what a program does about it.
    public enum Cause: Sendable, Equatable {
        /// The system's resolver does not know the host's name; its own words.
        case hostUnresolved(String)
        /// The addresses of the host's name failed, each for a reason of its own.
        case addressesFailed([AddressFailure])
        /// The password could not be read from that source.
        case passwordUnreadable(source: String, reason: String)
        /// Nothing listens there.
        case connectionRefused
        /// No connection was made in time.
        case connectTimedOut
        /// Another error of the operating system, by its `errno`.
        case system(Int32)
        /// The operating system refuses the connection's thread, by its `errno`.
        case threadRefused(Int32)
        /// The server accepts connections but does not answer.
        case silent
        /// The server did not answer a command in time.
        case commandTimedOut
        /// The server closed the connection.
        case closedByServer
        /// The server closed an idle connection; nothing was sent over it after that.
        case closedWhileIdle
        /// The server closed a new connection before its first reply.
        case closedBeforeReply
        /// The server closed the connection while it was to send so many entries at once.
        case replyTooLarge(entries: Int)
        /// The server closed the connection whenever a single entry was read, which may be larger than the server's
        /// `client-output-buffer-limit` allows; the place of the entry, such as `the first after 5-0`.
        case entryTooLarge(String)
        /// This process closed the connection.
        case closed
        /// The task was cancelled.
        case cancelled
        /// The server speaks TLS on a port that was taken for one without.
        case tlsOnPlainPort
        /// The reply is nested deeper than the installed hiredis reads.
        case replyTooDeep
        /// The reply is no RESP2; hiredis's own words.
        case malformedReply(String)
        /// The reply to a command has not the shape that it should have.
        case unexpectedReply(to: String)
        /// TLS could not begin, or was ended.
        case tls(TLS)
        /// The server answered with an error; its own words.
        case server(ServerErrorCode, message: String)
        /// The server at that address says that it is no primary, although it was named as one.
        case notPrimary(String)
        /// No sentinel answers; what each try met.
        case noSentinelAnswers([RedisError])
        /// No sentinel knows the service of that name.
        case unknownService(String)
        /// No node of the cluster answers; what each try met.
        case noNodeAnswers([RedisError])
        /// The nodes of the cluster were still being asked when the time was up.
        case nodesStillAsked
        /// No node is known that serves the slot, by the node at that address or by all that were named.
        case slotUnserved(String)
        /// A command cannot follow its key to another node.
        case slotMoved(SlotMove)
        /// The server is of that version, which is too old.
        case unsupportedVersion(String)
        /// All connections of the pool stayed in use.
        case poolExhausted(size: Int, wait: Duration)
        /// Any other reason, in words.
        case other(String)

        /// The cause of an error of the operating system.
        package init(errno code: Int32) {
            switch code {
            case ECONNREFUSED: self = .connectionRefused
            case ETIMEDOUT: self = .connectTimedOut
            default: self = .system(code)
            }
        }

        /// The cause of a call of the operating system that failed.
        package init(_ error: SystemError) {
            self = error.isOfThread ? .threadRefused(error.code) : .init(errno: error.code)
        }
    }

    /// The reason why one address of a host could not be connected to.
    public struct AddressFailure: Sendable, Equatable, CustomStringConvertible {
        /// The IP address.
        public let address: String
        /// The error number of the system.
        public let code: Int32

        package init(address: String, code: Int32) {
            self.address = address
            self.code = code
        }

        /// The reason in the system's words, and the address.
        public var description: String { "\(SystemError.text(of: code)) (\(address))" }
    }

    /// Why commands cannot follow their key to another node of a cluster.
    public enum SlotMove: Sendable, Equatable {
        /// The node at that address serves the key now, and a transaction was begun at the former one.
        case transactionElsewhere(String)
        /// The slot moved while the commands were under way, and their order would be lost.
        case orderLost
        /// The slot moved while replicas were waited for.
        case replicasElsewhere
        /// The nodes do not agree on who serves the key.
        case nodesDisagree
        /// Another node serves the key now.
        case servedElsewhere
        /// The connection was closed before replicas were waited for.
        case closedBeforeWait
    }
}

extension RedisError.Cause: CustomStringConvertible {
    /// The cause in words: one clause.
    public var description: String {
        switch self {
        case .hostUnresolved(let words):
            "the name of the host cannot be resolved" + (words.isEmpty ? "" : ": \(words)")
        case .addressesFailed(let failures): failures.map(\.description).joined(separator: ", ")
        case .passwordUnreadable(let source, let reason): "the password cannot be read from \(source): \(reason)"
        case .connectionRefused: SystemError.text(of: ECONNREFUSED)
        case .connectTimedOut: SystemError.text(of: ETIMEDOUT)
        case .system(let code): SystemError.text(of: code)
        case .threadRefused(let code): SystemError.ofThread(code: code).description
        case .silent: "the server accepts connections but does not answer"
        case .commandTimedOut: "the time for this command is up"
        case .closedByServer: "the server closed it"
        case .closedWhileIdle: "the server closed it before anything was sent"
        case .closedBeforeReply: "the server closed it before its first reply"
        case .replyTooLarge(let count): "the server closed it on reading \(count) entries"
        case .entryTooLarge(let place):
            "the server closed it on reading a single entry, \(place): its client-output-buffer-limit may be too small"
        case .closed: "it was closed"
        case .cancelled: "cancelled"
        case .tlsOnPlainPort: "the server speaks TLS on this port"
        case .replyTooDeep: "the reply is nested deeper than the installed hiredis reads"
        case .malformedReply(let words): words
        case .unexpectedReply(let command): "this is no reply to \(command)"
        case .tls(let cause): cause.description
        case .server(_, let message): message
        case .notPrimary(let address): "\(address) is not a primary: a failover is under way"
        case .noSentinelAnswers(let errors): "no sentinel answers; \(Self.list(errors))"
        case .unknownService(let name): "no sentinel knows a service \(name)"
        case .noNodeAnswers(let errors): "no node of the cluster answers; \(Self.list(errors))"
        case .nodesStillAsked: "the cluster's nodes were still being asked when the time was up"
        case .slotUnserved(let address): "CLUSTERDOWN \(address) knows no node that serves the slot"
        case .slotMoved(let move): move.description
        case .unsupportedVersion(let version): "is Redis \(version): 6.2 is the oldest supported version"
        case .poolExhausted(let size, let wait): "all \(size) connections of the pool stayed in use for \(wait)"
        case .other(let words): words
        }
    }

    private static func list(_ errors: [RedisError]) -> String {
        errors.map(\.description).joined(separator: "; ")
    }
}

extension RedisError.SlotMove: CustomStringConvertible {
    /// The reason in words: one clause.
    public var description: String {
        switch self {
        case .transactionElsewhere(let host): "\(host) does, and a transaction cannot go on at another node"
        case .orderLost: "the slot moved while commands were under way, and the rest would come out of order"
        case .replicasElsewhere: "the slot moved while replicas were waited for"
        case .nodesDisagree: "the nodes of the cluster do not agree on who does"
        case .servedElsewhere: "another node does"
        case .closedBeforeWait: "it was closed before replicas were waited for"
        }
    }
}
