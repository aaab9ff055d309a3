import Redstream

/// A status report in the formats of `inspect-offsets`.
struct StatusText {
    private let report: StatusReport
    private let isColored: Bool

    /// Wraps a report.
    ///
    /// - Parameters:
    ///   - report: The report.
    ///   - isColored: Whether tables show verdicts in colour.
    init(_ report: StatusReport, isColored: Bool) {
        self.report = report
        self.isColored = isColored
    }

    /// The report, without a line feed at its end.
    func text(_ format: InspectFormat) -> String {
        switch format {
        case .table: table
        case .json: StatusJSON.document(of: report).text
        case .prometheus: StatusMetrics.text(of: report)
        }
    }

    private var table: String {
        var parts: [String] = []
        if !report.consumers.isEmpty { parts.append(consumers) }
        if !report.streams.isEmpty { parts.append(streams) }
        return parts.isEmpty
            ? "no streams and no consumers in this namespace" : parts.joined(separator: "\n\n")
    }

    private var consumers: String {
        var table = TextTable([
            .left("STREAM"), .left("CONSUMER"), .left("COMMITTED"), .left("LAST"), .right("LAG"),
            .right("BEHIND"),
            .left("HOLDER"), .right("LEASE"), .left("VERDICT"),
        ])
        for row in report.consumers {
            table.append(
                [
                    row.consumer.stream, row.consumer.name, row.committed?.description,
                    row.lastID?.description,
                    row.lag?.text, row.behind?.shortText, row.holder, row.lease?.shortText,
                    row.verdict.rawValue,
                ], style: isColored ? row.verdict.style : nil)
        }
        return table.text
    }

    private var streams: String {
        var table = TextTable([
            .left("STREAM"), .right("LENGTH"), .left("FIRST"), .left("LAST"), .right("MEMORY"),
            .right("DELAYED"),
            .right("DELAY"), .right("DUE"), .right("NEXT DUE"),
        ])
        for row in report.streams {
            table.append([
                row.stream, row.length.map(String.init), row.firstID?.description, row.lastID?.description,
                row.memory.map(ByteText.short), row.delay.map { String($0.length) },
                row.delay?.delay?.shortText,
                row.delay?.due?.text, row.delay?.nextDue?.shortText,
            ])
        }
        return table.text
    }
}

extension Verdict {
    /// How a table shows the verdict.
    fileprivate var style: Style {
        switch self {
        case .orphan, .ahead, .gap, .stalled, .stopped: .bad
        case .active: .good
        case .idle: .faint
        }
    }
}

/// A number of bytes for people.
enum ByteText {
    /// `512 B`, `3.4 KiB`, `12 MiB`.
    static func short(_ bytes: Int) -> String {
        var tenths = bytes * 10
        var unit = 0
        let units = ["B", "KiB", "MiB", "GiB", "TiB"]
        while tenths >= 10_240, unit + 1 < units.count {
            tenths /= 1024
            unit += 1
        }
        return unit > 0 && tenths < 100
            ? "\(tenths / 10).\(tenths % 10) \(units[unit])" : "\(tenths / 10) \(units[unit])"
    }
}
