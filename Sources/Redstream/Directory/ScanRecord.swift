import RedstreamConnection

/// The reason for which names are looked for, which decides what that may cost.
enum DirectoryUse: Sendable, Equatable {
    /// Somebody asks once for all streams, and waits for the answer.
    case look
    /// Somebody asks once for named streams and their consumers.
    case namedStreams
    /// A service asks again and again. A time between two scans, where one was given, counts instead of their price.
    case service(scanInterval: Duration?)
}

/// The facts of the last scan for names, as it is kept on the server.
struct ScanRecord: Sendable, Equatable {
    /// The server's time in milliseconds at which the scan began.
    var began: UInt64
    /// The time for which it kept servers busy.
    var cost: Duration
    /// The number of keys that were looked at, in thousands, rounded up.
    var pages: Int
    /// The run ids of the servers that were scanned: one that has restarted, or another one, has another.
    var servers: Set<String>

    /// The number of pages up to which somebody who asks once is given a new scan: it costs no more than the rest of the
    /// look.
    static let fewPages = 10

    /// Returns the time between this scan and the next: scans take 1 % of a server's time, and come once an hour at least.
    var interval: Duration { min(cost * 100, .seconds(3600)) }

    /// Returns whether names have to be scanned for.
    ///
    /// - Parameters:
    ///   - use: What they are wanted for.
    ///   - now: The server's time in milliseconds.
    ///   - present: The run ids of the servers that have the keys now.
    func isOutdated(for use: DirectoryUse, now: UInt64, present: Set<String>) -> Bool {
        guard present.isSubset(of: servers) else { return true }
        let age = Duration.milliseconds(now > began ? Int64(clamping: now - began) : 0)
        return switch use {
        case .look: pages <= Self.fewPages || age >= interval
        case .namedStreams: pages <= Self.fewPages
        case .service(let scanInterval): age >= scanInterval ?? interval
        }
    }
}

extension ScanRecord {
    /// Reads the hash of ``Keyspace/scanRecord``; nil where there is none, or it makes no sense.
    init?(_ hash: RedisReply) {
        let fields = hash.dictionary
        guard let began = fields["began"]?.string.flatMap(UInt64.init),
            let cost = fields["cost-us"]?.string.flatMap(Int64.init), let pages = fields["pages"]?.integer,
            let servers = fields["servers"]?.string
        else { return nil }
        self.init(
            began: began, cost: .microseconds(cost), pages: pages,
            servers: Set(servers.split(separator: " ").map(String.init)))
    }

    /// The fields of the hash and their values, in turn.
    var fields: [any RedisArgument] {
        [
            "began", String(began), "cost-us", Int(cost / .microseconds(1)), "pages", pages, "servers",
            servers.sorted().joined(separator: " "),
        ]
    }
}
