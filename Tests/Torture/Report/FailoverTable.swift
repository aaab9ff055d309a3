import Redstream

/// The figures of several runs as a table, in the notation of Markdown.
package struct FailoverTable: Sendable {
    private var rows = [
        ["what", "detected after", "kept by", "rounds", "acknowledged", "lost", "loss window"]
            + FailoverFigures.Kind.allCases.map(\.rawValue)
    ]

    package init() {}

    /// Adds the rows of a run.
    package mutating func add(_ figures: [FailoverFigures], _ deployment: DeploymentKind, _ safety: Safety) {
        for row in figures {
            rows.append(
                [
                    "\(deployment.rawValue), \(row.title)", row.detection(in: deployment), safety.text, "\(row.rounds)",
                    "\(row.acknowledged)",
                    row.lost == 0 ? "0" : "\(row.lost) (\(row.lostButHandled) had been handled)",
                    row.window.map { "\($0) ms" } ?? "none",
                ] + row.pauses.map { "\($0.milliseconds) ms" })
        }
    }

    package var text: String {
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |\n" }
        var lines = rows.map { row in
            line(zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) })
        }
        lines.insert(line(widths.map { String(repeating: "-", count: $0) }), at: 1)
        return lines.joined()
    }
}

extension FailoverFigures {
    private var failover: Fault.Failover? { Fault.Failover.allCases.first { fault.hasSuffix(" \($0.rawValue)") } }

    /// The fault in words.
    fileprivate var title: String {
        switch failover {
        case .afterKill: "kill -9"
        case .afterBrokenLink: "replica cut off, kill -9 \(AppendOnlyServer.timeAlone.milliseconds) ms later"
        case .afterFreeze: "SIGSTOP"
        case .onRequest: "on request"
        case nil: fault
        }
    }

    /// Returns the setting of the time after which the primary is held for dead.
    fileprivate func detection(in deployment: DeploymentKind) -> String {
        guard let failover, failover != .onRequest else { return "at once" }
        let detection = deployment == .cluster ? ClusterService.detection : SentinelService.detection
        return "\(detection.milliseconds) ms"
    }
}

extension Safety {
    /// The flag or the line that stands for it.
    package var text: String {
        switch self {
        case .none: "nothing"
        case .minReplicas: "min-replicas-to-write 1"
        case .wait: "--wait-replicas 1"
        }
    }
}
