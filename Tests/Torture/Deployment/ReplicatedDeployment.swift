import TestSupport

/// A deployment in which a replica takes over when its primary is lost.
protocol ReplicatedDeployment: Deployment {
    /// The server that takes writes to the streams now, and the one that follows it.
    func roles() async throws -> (primary: AppendOnlyServer, replica: AppendOnlyServer)
    /// Asks for a change of the two, as an operator does.
    ///
    /// - Returns: True if it was begun; it may be given up later.
    func askToTakeOver(_ replica: AppendOnlyServer) async -> Bool
    /// Returns true if clients are led to that server now.
    func isPrimary(_ server: AppendOnlyServer) async throws -> Bool
}

/// The time after which Sentinel (`failover-timeout`) and a cluster's node give up a failover that they began.
let failoverTimeout = Duration.seconds(5)

extension ReplicatedDeployment {
    /// Lets the replica take over, and the former primary come back.
    func failOver(_ failover: Fault.Failover) async throws -> History.Promotion {
        try await recover()
        let (primary, replica) = try await roles()
        if failover == .afterBrokenLink { try await primary.standAlone(without: replica) }
        let start = WallClock.now
        switch failover {
        case .afterKill, .afterBrokenLink: await primary.server.kill()
        case .afterFreeze: primary.server.pause()
        case .onRequest: break
        }
        replica.server.resume()
        var nextRequest = ContinuousClock.now
        try await eventually("\(replica.name) has taken over from \(primary.name)", within: .seconds(60)) {
            if try await isPrimary(replica) { return true }
            if failover == .onRequest, nextRequest <= .now {
                let isBegun = await askToTakeOver(replica)
                nextRequest = .now.advanced(by: isBegun ? failoverTimeout : .milliseconds(100))
            }
            return false
        }
        let promotion = History.Promotion(
            former: primary.name, successor: replica.name, start: start, end: WallClock.now)
        switch failover {
        case .afterKill, .afterBrokenLink: try await primary.server.restart()
        case .afterFreeze: primary.server.resume()
        case .onRequest: break
        }
        return promotion
    }
}
