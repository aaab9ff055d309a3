import Redstream

/// The sum of the shards of a stream, in the formats of `inspect-offsets`.
enum RollupText {
    /// Two tables of one row for each consumer, and one for the stream.
    static func table(of rollup: ShardRollup, isColored: Bool) -> String {
        var consumers = TextTable([
            .left("SHARDS OF"), .left("CONSUMER"), .right("SEEN ON"), .right("HELD"), .right("PROCESSES"),
            .right("LAG"),
            .left("LARGEST"), .right("SKEW"), .right("BEHIND"), .left("VERDICT"),
        ])
        for row in rollup.consumers {
            consumers.append(
                [
                    NameText.shown(rollup.stream), NameText.shown(row.name),
                    "\(row.known.grouped)/\(rollup.shards.grouped)",
                    "\(row.held.grouped)/\(rollup.shards.grouped)", row.holders.grouped, row.lag.text,
                    row.largest.map(NameText.shown), row.skew.map(skew), row.behind?.shortText,
                    row.verdict.rawValue,
                ], style: isColored ? row.verdict.style : nil)
        }
        var stream = TextTable([
            .left("SHARDS OF"), .right("SHARDS"), .right("LENGTH"), .left("LONGEST"), .right("SKEW"), .right("MEMORY"),
            .right("DELAYED"), .right("DUE"),
        ])
        stream.append([
            NameText.shown(rollup.stream), "\(rollup.existing.grouped)/\(rollup.shards.grouped)", rollup.length.grouped,
            rollup.longest.map(NameText.shown),
            rollup.skew.map(skew), rollup.memory.map(ByteText.short), rollup.delayed?.grouped, rollup.due?.text,
        ])
        return (rollup.consumers.isEmpty ? [] : [consumers.text]).joined() + (rollup.consumers.isEmpty ? "" : "\n\n")
            + stream.text
    }

    /// The document under the key `shards`.
    static func json(of rollup: ShardRollup) -> JSONValue {
        .object([
            ("stream", .string(rollup.stream)), ("shards", .integer(rollup.shards)),
            ("existing", .integer(rollup.existing)), ("length", .integer(rollup.length)),
            ("length_skew", .hundredths(rollup.skew)), ("longest", .optional(rollup.longest)),
            ("memory_bytes", .optional(rollup.memory)), ("delayed", .optional(rollup.delayed)),
            ("due", .optional(rollup.due?.value)),
            ("due_is_bounded", rollup.due.map { .bool($0.isBounded) } ?? .null),
            ("consumers", .array(rollup.consumers.map(consumer))),
        ])
    }

    private static func consumer(_ row: ShardRollup.Consumer) -> JSONValue {
        .object([
            ("consumer", .string(row.name)), ("known", .integer(row.known)), ("held", .integer(row.held)),
            ("holders", .integer(row.holders)), ("lag", .integer(row.lag.value)),
            ("lag_is_bounded", .bool(row.lag.isBounded)), ("lag_skew", .hundredths(row.skew)),
            ("largest", .optional(row.largest)), ("behind_ms", .milliseconds(row.behind)),
            ("verdict", .string(row.verdict.rawValue)),
        ])
    }

    /// `1.25`: how many times the mean.
    static func skew(_ skew: Double) -> String {
        let hundredths = Int((skew * 100).rounded())
        return "\(hundredths / 100).\(hundredths % 100 / 10)\(hundredths % 10)"
    }
}

extension JSONValue {
    /// A number with two decimals, or null.
    fileprivate static func hundredths(_ number: Double?) -> JSONValue {
        number.map { .number(RollupText.skew($0)) } ?? .null
    }
}
