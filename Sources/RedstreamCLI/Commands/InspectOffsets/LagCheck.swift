import Redstream

/// Limits that a monitor checks: a decision on a report.
struct LagCheck {
    let maxLag: Int?
    let maxBehind: Duration?
    var maxDead: Int?

    /// True if there is a limit.
    var isCheck: Bool { maxLag != nil || maxBehind != nil || maxDead != nil }

    /// One line for each consumer that is over a limit, or of which no limit can tell that it is well.
    ///
    /// A consumer that will never read, or that has lost entries, has no lag to speak of.
    ///
    /// - Parameter report: The report.
    /// - Returns: The lines; none if all is well.
    func breaches(in report: StatusReport) -> [String] {
        guard isCheck else { return [] }
        return totalBreaches(in: report)
            + report.consumers.flatMap { row in
                let name = "\(NameText.shown(row.consumer.stream)), \(NameText.shown(row.consumer.name))"
                var lines: [String] = []
                if [.orphan, .ahead, .gap].contains(row.verdict) { lines.append("\(name): \(row.verdict.rawValue)") }
                if report.rollup == nil, let maxLag, let lag = row.lag, lag.value > maxLag || lag.isBounded {
                    lines.append("\(name): lag \(lag.text) is over \(maxLag.grouped)")
                }
                if let maxBehind, let behind = row.behind, behind > maxBehind {
                    lines.append("\(name): \(behind.shortText) behind is over \(maxBehind.shortText)")
                }
                if let maxDead, let count = row.deadLetters, count > maxDead {
                    let letters = count.counted("dead letter is", "dead letters are")
                    lines.append("\(name): \(letters) over \(maxDead.grouped)")
                }
                return lines
            }
    }

    /// The lag of a consumer of shards is that of all of them together.
    private func totalBreaches(in report: StatusReport) -> [String] {
        guard let rollup = report.rollup, let maxLag else { return [] }
        return rollup.consumers.filter { $0.lag.value > maxLag || $0.lag.isBounded }.map {
            "\(rollup.shards.counted("shard", "shards")) of \(NameText.shown(rollup.stream)), \(NameText.shown($0.name)): lag \($0.lag.text) is over \(maxLag.grouped)"
        }
    }
}

/// Tells of offsets whose owner cannot be told.
struct AmbiguityNote {
    private let report: StatusReport

    init(_ report: StatusReport) {
        self.report = report
    }

    func show(on console: Console) {
        for (name, splits) in report.ambiguous.sorted(by: { $0.key < $1.key }) {
            let choices = splits.map { "\(NameText.shown($0.name)) of \(NameText.shown($0.stream))" }.joined(
                separator: ", or ")
            console.note("the offset or lock \(NameText.shown(name)) may be that of \(choices); --stream settles it")
        }
    }
}

extension EntryCount {
    /// `10,000+` where counting ended before the end.
    var text: String { value.grouped + (isBounded ? "+" : "") }
}
