import Redstream

/// A length of time as people write it: `500ms`, `30s`, `1.5h`, `1h30m`, `1d 3h`, `1w`, or ISO 8601 `P1DT2H`.
///
/// The units are `ms`, `s`, `m`, `h`, `d` and `w`; a day is 24 hours long. Each unit may stand there once,
/// with decimals down to the nanosecond. Use it as the transform of an option, which keeps the error's
/// sentence. The help does not show the default of such an option by itself, so its text does:
///
/// ```swift
/// @Option(help: "Time to finish the batch in hand (default: 10s).", transform: DurationText.init(_:))
/// var grace = DurationText(duration: .seconds(10))
/// ```
struct DurationText: Sendable, Equatable {
    /// The length, from zero to ``longest``.
    let duration: Duration

    /// The longest that is accepted: what fits deadlines in nanoseconds, about 270 years.
    static let longest = Duration.seconds(100_000 * 86400)

    /// Wraps a length of time.
    init(duration: Duration) {
        self.duration = duration
    }

    /// Parses a length of time.
    ///
    /// - Parameter text: Numbers with units, or ISO 8601 from `P`.
    /// - Throws: ``OptionTextError`` for a number without a unit, an unknown or repeated unit, a duration that
    ///   is negative or too long, and anything else.
    init(_ text: String) throws(OptionTextError) {
        guard !text.isEmpty else { throw OptionTextError("it is empty: write a duration such as 30s or 5m") }
        guard !text.begins(with: "-") else { throw OptionTextError("it is negative: a duration starts at 0s") }
        var parser = DurationParser(text: text[...])
        duration = text.begins(with: "P") ? try parser.parseISO8601() : try parser.parseUnits()
    }
}

extension DurationText: CustomStringConvertible {
    /// The duration as ``Swift/Duration/shortText``.
    var description: String { duration.shortText }
}

/// Says why the text of an option means nothing, in a clause that follows the text and a colon.
///
/// It is thrown from the transform of an option, and the argument parser shows it behind the value and the
/// flag: `The value '5' is invalid for '--delay <delay>': it has no unit: write 5s, 5m or 5h`.
struct OptionTextError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The reason, and what to write instead.
    let description: String

    /// Creates an error with its clause.
    init(_ description: String) {
        self.description = description
    }
}
