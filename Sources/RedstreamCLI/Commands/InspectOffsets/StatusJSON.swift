import Redstream

/// A status report as a JSON document: stable keys, null for what is unknown, times in milliseconds.
enum StatusJSON {
    static func document(of report: StatusReport) -> JSONValue {
        .object([
            ("time_ms", .integer(Int(clamping: report.time))),
            ("consumers", .array(report.consumers.map(consumer))),
            ("streams", .array(report.streams.map(stream))),
            (
                "ambiguous",
                .array(
                    report.ambiguous.sorted { $0.key < $1.key }.map { name, splits in
                        .object([("name", .string(name)), ("could_be", .array(splits.map(self.name)))])
                    })
            ),
            ("shards", report.rollup.map(RollupText.json(of:)) ?? .null),
            ("directory_age_ms", .milliseconds(report.directoryAge)),
        ])
    }

    private static func name(_ consumer: ConsumerName) -> JSONValue {
        .object([("stream", .string(consumer.stream)), ("consumer", .string(consumer.name))])
    }

    private static func consumer(_ row: ConsumerStatus) -> JSONValue {
        .object([
            ("stream", .string(row.consumer.stream)), ("consumer", .string(row.consumer.name)),
            ("committed", .optional(row.committed)), ("last", .optional(row.lastID)),
            ("lag", .optional(row.lag?.value)),
            ("lag_is_bounded", row.lag.map { .bool($0.isBounded) } ?? .null),
            ("behind_ms", .milliseconds(row.behind)), ("holder", .optional(row.holder)),
            ("lease_ms", .milliseconds(row.lease)), ("dead_letters", .optional(row.deadLetters)),
            ("verdict", .string(row.verdict.rawValue)),
        ])
    }

    private static func stream(_ row: StreamStatus) -> JSONValue {
        .object([
            ("stream", .string(row.stream)), ("length", .optional(row.length)),
            ("first", .optional(row.firstID)),
            ("last", .optional(row.lastID)), ("memory_bytes", .optional(row.memory)),
            ("delay", row.delay.map(delay) ?? .null),
        ])
    }

    private static func delay(_ delay: DelayStatus) -> JSONValue {
        .object([
            ("length", .integer(delay.length)), ("delay_ms", .milliseconds(delay.delay)),
            ("due", .optional(delay.due?.value)),
            ("due_is_bounded", delay.due.map { .bool($0.isBounded) } ?? .null),
            ("next_due_ms", .milliseconds(delay.nextDue)), ("overdue_ms", .milliseconds(delay.overdue)),
        ])
    }
}
