import Redstream

/// A status report in the formats of `inspect-offsets`.
struct StatusText {
    private let report: StatusReport
    private let namespace: String?
    private let isForTerminal: Bool
    private let isColored: Bool
    private let nothing: String?

    /// Wraps a report.
    ///
    /// - Parameters:
    ///   - report: The report.
    ///   - namespace: The namespace that it is about; nil for none.
    ///   - isForTerminal: True if a terminal shows it, which no name may command.
    ///   - isColored: True if tables show verdicts in colour.
    ///   - nothing: What to show in place of tables without rows.
    init(
        _ report: StatusReport, namespace: String? = nil, isForTerminal: Bool, isColored: Bool, nothing: String? = nil
    ) {
        self.report = report
        self.namespace = namespace
        self.isForTerminal = isForTerminal
        self.isColored = isColored
        self.nothing = nothing
    }

    /// The report, without a line feed at its end.
    func text(_ format: InspectFormat) -> String {
        switch format {
        case .table: table
        case .json: safe(StatusJSON.document(of: report).text)
        case .prometheus: safe(StatusMetrics(namespace: namespace).text(of: report))
        }
    }

    /// The lines of a format for programs, as a terminal may be shown them.
    private func safe(_ text: String) -> String {
        guard isForTerminal else { return text }
        return text.unicodeScalars.split(separator: "\n").map { TerminalText.escaped(String($0)) }.joined(
            separator: "\n")
    }

    private var table: String {
        if let nothing { return TerminalText.escaped(nothing) }
        var parts: [String] = []
        if let rollup = report.rollup { parts.append(RollupText.table(of: rollup, isColored: isColored)) }
        if !report.consumers.isEmpty { parts.append(consumers) }
        if !report.streams.isEmpty { parts.append(streams) }
        return parts.joined(separator: "\n\n")
    }

    private var consumers: String {
        // A column that most never need.
        let hasDeadLetters = report.consumers.contains { $0.deadLetters ?? 0 > 0 }
        var table = TextTable(
            [
                .left("STREAM"), .left("CONSUMER"), .left("COMMITTED"), .left("LAST"), .right("LAG"),
                .right("BEHIND"), .left("HOLDER"), .right("LEASE"),
            ] + (hasDeadLetters ? [.right("DEAD")] : []) + [.left("VERDICT")])
        for row in report.consumers {
            table.append(
                [
                    NameText.shown(row.consumer.stream), NameText.shown(row.consumer.name),
                    row.committed?.shownAsOffset,
                    row.lastID?.description,
                    row.lag?.text, row.behind?.shortText, row.holder, row.lease?.shortText,
                ] + (hasDeadLetters ? [row.deadLetters?.grouped] : []) + [row.verdict.rawValue],
                style: isColored ? row.verdict.style : nil)
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
                NameText.shown(row.stream), row.length?.grouped, row.firstID?.description, row.lastID?.description,
                row.memory.map(ByteText.short), row.delay?.length.grouped,
                row.delay?.delay?.shortText,
                row.delay?.due?.text, row.delay?.nextDue?.shortText,
            ])
        }
        return table.text
    }
}

extension Verdict {
    /// The style of the verdict in a table.
    var style: Style {
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
