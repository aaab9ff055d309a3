/// Measures what a change of primaries costs, under a steady load.
package struct FailoverRun: Sendable {
    /// The deployments that know it.
    package static let deployments: [DeploymentKind] = [.sentinel, .cluster]
    /// The time without a fault before each fault.
    private static let calm = Duration.seconds(2)

    private let deployment: DeploymentKind
    private let safety: Safety
    private let run: TortureRun

    /// Prepares a run.
    ///
    /// - Parameters:
    ///   - deployment: The servers.
    ///   - safety: What is done so that acknowledged messages survive.
    ///   - faults: What befalls the servers in turn; nil for all that the deployment knows.
    ///   - rounds: How often each fault comes.
    ///   - rate: How many messages each of two producers is given in a second.
    ///   - folder: Where the history goes; it must exist.
    ///   - progress: Is told how it goes, a line at a time.
    package init(
        _ deployment: DeploymentKind, _ safety: Safety, faults: [Fault]? = nil, rounds: Int, rate: Double,
        folder: String,
        progress: @escaping @Sendable (String) -> Void
    ) {
        self.deployment = deployment
        self.safety = safety
        var options = TortureRun.Options(
            time: .zero, seed: 0, deployment: deployment, folder: folder, streams: [deployment.streams[0]], rate: rate)
        options.safety = safety
        options.hasMoods = false
        let faults = faults ?? Self.faults(of: deployment)
        options.rounds = (0..<max(rounds, 1) * faults.count).map { number in
            let step = Plan.Step(start: Self.calm, fault: faults[number % faults.count])
            return Plan.Round(number: number + 1, steps: [step])
        }
        run = TortureRun(options, progress: progress)
    }

    /// Returns the faults of a deployment, in turn.
    static func faults(of deployment: DeploymentKind) -> [Fault] {
        let kills: [Fault] = [.failover(.afterKill), .failover(.afterBrokenLink), .failover(.onRequest)]
        return deployment == .cluster ? kills + [.reshard] : kills
    }

    /// Carries it out.
    ///
    /// - Returns: The figures, and what must not be: where producers waited for replicas, no invariant may be broken and
    ///   nothing be lost; where they did not, losses are what was looked for.
    package func figures() async throws -> (rows: [FailoverFigures], violations: [Violation], history: History) {
        let history = try await run.history()
        let rows = FailoverFigures.all(in: history)
        guard safety == .wait else { return (rows, [], history) }
        let lost = rows.filter { $0.lost > 0 }.map {
            Violation(
                .delivery, "\($0.lost) acknowledged messages did not outlive \($0.fault) of \(deployment.rawValue)")
        }
        return (rows, Invariant.allViolations(in: history) + lost, history)
    }
}
