import Redstream

/// A status report in the text format of Prometheus; what is unknown is left out.
struct StatusMetrics {
    /// The namespace, which every sample names; nil for none.
    ///
    /// Without it, two namespaces would give the same series twice.
    let namespace: String?

    /// Returns the report, without a line feed at its end.
    func text(of report: StatusReport) -> String {
        let rows = report.consumers.map {
            ($0, labels([("stream", $0.consumer.stream), ("consumer", $0.consumer.name)]))
        }
        let streams = report.streams.map { ($0, labels([("stream", $0.stream)])) }
        var families = [
            family(
                "directory_age_seconds", "Time since streams and consumers were last scanned for.",
                [(report, labels([]))]
            ) { Self.seconds($0.directoryAge) },
            family("consumer_lag", "Entries not yet committed, counted up to a bound.", rows) {
                $0.lag.map { Double($0.value) }
            },
            family("consumer_behind_seconds", "Age of the oldest entry not yet committed.", rows) {
                Self.seconds($0.behind)
            },
            family("consumer_held", "Whether a process holds the lock.", rows) { $0.holder == nil ? 0 : 1 },
            family("consumer_dead_letters", "Entries that the consumer gave up on.", rows) {
                $0.deadLetters.map(Double.init)
            },
            family("stream_length", "Entries present.", streams) { $0.length.map(Double.init) },
            family("stream_memory_bytes", "Memory that the stream takes.", streams) {
                $0.memory.map(Double.init)
            },
            family("delay_length", "Entries in the delay stream.", streams) {
                $0.delay.map { Double($0.length) }
            },
            family("delay_due", "Entries of the delay stream that are due.", streams) {
                $0.delay?.due.map { Double($0.value) }
            },
            family("delay_overdue_seconds", "How long the oldest delay message is overdue.", streams) {
                Self.seconds($0.delay?.overdue)
            },
        ]
        families.append(verdicts(report))
        if let rollup = report.rollup { families += totals(rollup) }
        return families.filter { !$0.isEmpty }.joined(separator: "\n")
    }

    /// One sample for each verdict, of which one is 1: a state can then be alerted on by its name.
    private func verdicts(_ report: StatusReport) -> String {
        let samples = report.consumers.flatMap { row in
            Verdict.allCases.map { verdict in
                let names = [
                    ("stream", row.consumer.stream), ("consumer", row.consumer.name),
                    ("verdict", verdict.rawValue),
                ]
                return (row.verdict == verdict, labels(names))
            }
        }
        return family("consumer_verdict", "1 for the verdict that holds.", samples) { $0 ? 1 : 0 }
    }

    /// Returns the sums of shards, under names of their own: a sum over the others must not count them twice.
    private func totals(_ rollup: ShardRollup) -> [String] {
        let rows = rollup.consumers.map { ($0, labels([("stream", rollup.stream), ("consumer", $0.name)])) }
        let stream = [(rollup, labels([("stream", rollup.stream)]))]
        return [
            family("shards_lag", "Entries not yet committed on all shards, counted up to a bound on each.", rows) {
                Double($0.lag.value)
            },
            family("shards_lag_skew", "How many times the mean the largest lag of a shard is.", rows) { $0.skew },
            family("shards_behind_seconds", "Age of the oldest entry not yet committed on any shard.", rows) {
                Self.seconds($0.behind)
            },
            family("shards_held", "Shards whose lock is held.", rows) { Double($0.held) },
            family("shards_holders", "Processes that hold shards.", rows) { Double($0.holders) },
            family("shards", "The number of shards.", stream) { Double($0.shards) },
            family("shards_length", "Entries present on all shards.", stream) { Double($0.length) },
            family("shards_length_skew", "How many times the mean the longest shard is.", stream) { $0.skew },
        ]
    }

    private func family<Row>(
        _ name: String, _ help: String, _ rows: [(Row, String)], _ value: (Row) -> Double?
    ) -> String {
        let samples = rows.compactMap { row, labels in
            value(row).map { "redstream_\(name)\(labels) \(Self.number($0))" }
        }
        guard !samples.isEmpty else { return "" }
        return (["# HELP redstream_\(name) \(help)", "# TYPE redstream_\(name) gauge"] + samples)
            .joined(separator: "\n")
    }

    private func labels(_ pairs: [(String, String)]) -> String {
        let all = pairs + (namespace.map { [("namespace", $0)] } ?? [])
        return all.isEmpty ? "" : "{" + all.map { "\($0)=\"\(Self.escaped($1))\"" }.joined(separator: ",") + "}"
    }

    /// Escapes what would end a label.
    ///
    /// By scalars: a mark that combines with a quote makes another character of both.
    private static func escaped(_ text: String) -> String {
        var escaped = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if scalar == "\\" || scalar == "\"" || scalar == "\n" { escaped.append("\\") }
            escaped.append(scalar == "\n" ? "n" : scalar)
        }
        return String(escaped)
    }

    private static func seconds(_ duration: Duration?) -> Double? { duration.map { $0 / .seconds(1) } }

    private static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
    }
}
