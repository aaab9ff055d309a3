import TestSupport

/// A deployment in which a replica takes over when its primary is lost.
protocol ReplicatedDeployment: Deployment {
    /// The server that takes writes to the streams now, and the one that follows it.
    func roles() async throws -> (primary: AppendOnlyServer, replica: AppendOnlyServer)
    /// Asks for a change of the two, as an operator does.
    func askToTakeOver(_ replica: AppendOnlyServer) async throws
    /// Returns true if clients are led to that server now.
    func isPrimary(_ server: AppendOnlyServer) async throws -> Bool
}

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
        case .onRequest: try await askToTakeOver(replica)
        }
        replica.server.resume()
        try await eventually("\(replica.name) has taken over from \(primary.name)", within: .seconds(60)) {
            try await isPrimary(replica)
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
