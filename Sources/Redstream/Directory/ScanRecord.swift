import RedstreamConnection

/// The use of a look for names, which decides whether it may scan.
package enum DirectoryUse: Sendable, Equatable {
    /// A command lists all streams once.
    case look
    /// A command reads named streams and their consumers once.
    case namedStreams
    /// A service reads names again and again; it scans beside that.
    case service
}

/// The facts of the last scan for names, as it is kept on the server.
struct ScanRecord: Sendable, Equatable {
    /// The server's time in milliseconds at which the scan began.
    var began: UInt64
    /// The time for which it kept servers busy.
    var cost: Duration
    /// The number of keys that were looked at, in thousands, less one for each server.
    var pages: Int
    /// The run ids of the servers that were scanned: one that has restarted, or another one, has another.
    var servers: Set<String>

    /// The number of pages up to which each look scans: that costs no more than the rest of the look.
    static let fewPages = 10

    /// The time between this scan and the next: scans take 1 % of a server's time, and come once an hour at least.
    var interval: Duration { min(cost * 100, .seconds(3600)) }

    /// The time between this scan and the next one of a service.
    ///
    /// - Parameter wanted: The time that was asked for; nil where the price decides.
    /// - Returns: The time.
    func serviceInterval(_ wanted: Duration?) -> Duration { wanted ?? max(interval, .seconds(5)) }

    /// Returns whether all of some servers were scanned, given their run ids.
    func covers(_ present: Set<String>) -> Bool { present.isSubset(of: servers) }

    /// Returns the time since the scan began; nil where the clock says that it is to come, so that the record is no use.
    func age(at now: UInt64) -> Duration? {
        guard began <= now + 1000 else { return nil }
        return .milliseconds(now > began ? Int64(clamping: now - began) : 0)
    }

    /// Returns whether names have to be scanned for.
    ///
    /// - Parameters:
    ///   - use: The use of the look.
    ///   - now: The server's time in milliseconds.
    ///   - present: The run ids of the servers that have the keys now.
    /// - Returns: True if they have to be.
    func isOutdated(for use: DirectoryUse, now: UInt64, present: Set<String>) -> Bool {
        guard covers(present), let age = age(at: now) else { return true }
        return switch use {
        case .look: pages <= Self.fewPages || age >= interval
        case .namedStreams: pages <= Self.fewPages
        case .service: false
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
