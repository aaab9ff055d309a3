/// A date, with or without a time of day, as ISO 8601 writes it: `2026-11-23`,
/// `2026-11-23T10:00:00.250+01:00`.
///
/// A blank may stand for the `T`, seconds may be missing, and a date alone is its midnight. Without a zone it
/// is in local time. What is finer than milliseconds is cut off.
struct DateTimeText: Sendable, Equatable {
    /// Year, month, day, hour, minute and second as a calendar and a clock on the wall show them.
    struct Fields: Sendable, Equatable {
        var year: Int
        var month: Int
        var day: Int
        var hour = 0
        var minute = 0
        var second = 0
    }

    /// The date and the time of day.
    private(set) var fields: Fields
    /// The part of a second, in milliseconds.
    private(set) var millisecond = 0
    /// The difference between the zone and UTC, in seconds, positive to the east; nil for local time.
    private(set) var offset: Int?

    /// Returns whether a text starts as a date does, so that nothing else can be meant.
    static func looksLikeDate(_ text: String) -> Bool {
        let bytes = Array(text.utf8.prefix(8))
        guard bytes.count == 8, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-") else {
            return false
        }
        return [0, 1, 2, 3, 5, 6].allSatisfy { isDigit(bytes[$0]) }
    }

    /// Parses a date or a date and a time.
    ///
    /// - Parameter text: The text, without blanks around it.
    /// - Throws: ``OptionTextError`` for a malformed text and for a day or a time that no calendar has.
    init(_ text: String) throws(OptionTextError) {
        var scanner = Scanner(rest: Array(text.utf8)[...])
        fields = try scanner.date()
        guard !scanner.rest.isEmpty else { return }
        guard scanner.skip("T") || scanner.skip("t") || scanner.skip(" ") else { throw Self.malformed }
        (fields.hour, fields.minute) = (try scanner.number(digits: 2), try scanner.minute())
        if scanner.skip(":") {
            fields.second = try scanner.number(digits: 2)
            if scanner.skip(".") || scanner.skip(",") { millisecond = try scanner.milliseconds() }
        }
        guard fields.hour < 24, fields.minute < 60, fields.second < 60 else {
            throw OptionTextError("there is no such time of day")
        }
        offset = try scanner.offset()
    }

    /// Resolves the time to milliseconds since 1970.
    ///
    /// - Parameter local: Finds the seconds since 1970 at which local clocks show the fields; nil for never.
    /// - Returns: Milliseconds since 1970.
    /// - Throws: ``OptionTextError`` for a time before 1970, and for one that local clocks skip.
    func milliseconds(local: (Fields) -> Int64?) throws(OptionTextError) -> UInt64 {
        let seconds: Int64
        if let offset {
            seconds = fields.secondsInUTC - Int64(offset)
        } else if let resolved = local(fields) {
            seconds = resolved
        } else {
            throw OptionTextError("local clocks skip this time: add a zone, such as Z or +01:00")
        }
        guard seconds >= 0 else { throw OptionTextError("it is before 1970") }
        return UInt64(seconds) * 1000 + UInt64(millisecond)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    private static let malformed = OptionTextError(
        "it is not written as ISO 8601 has it: 2026-11-23, 2026-11-23T10:00:00 or 2026-11-23T10:00:00Z")

    private struct Scanner {
        var rest: ArraySlice<UInt8>

        mutating func skip(_ character: Unicode.Scalar) -> Bool {
            guard rest.first == UInt8(ascii: character) else { return false }
            rest.removeFirst()
            return true
        }

        mutating func number(digits: Int) throws(OptionTextError) -> Int {
            let part = rest.prefix(digits)
            guard part.count == digits, part.allSatisfy(isDigit) else { throw malformed }
            rest = rest.dropFirst(digits)
            return part.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        }

        mutating func date() throws(OptionTextError) -> Fields {
            let year = try number(digits: 4)
            guard skip("-") else { throw malformed }
            let month = try number(digits: 2)
            guard skip("-") else { throw malformed }
            let fields = Fields(year: year, month: month, day: try number(digits: 2))
            guard fields.isDay else { throw OptionTextError("there is no such day") }
            return fields
        }

        mutating func minute() throws(OptionTextError) -> Int {
            guard skip(":") else { throw malformed }
            return try number(digits: 2)
        }

        mutating func milliseconds() throws(OptionTextError) -> Int {
            let decimals = rest.prefix(while: isDigit)
            guard !decimals.isEmpty else { throw malformed }
            rest = rest[decimals.endIndex...]
            let digits = decimals.prefix(3).map { Int($0 - UInt8(ascii: "0")) } + [0, 0]
            return digits[0] * 100 + digits[1] * 10 + digits[2]
        }

        /// Reads `Z`, `±HH:MM`, `±HHMM` or `±HH` at the end; nil where nothing is left.
        mutating func offset() throws(OptionTextError) -> Int? {
            if rest.isEmpty { return nil }
            if skip("Z") || skip("z") {
                guard rest.isEmpty else { throw malformed }
                return 0
            }
            let isBehind = skip("-")
            guard isBehind || skip("+") else { throw malformed }
            let hours = try number(digits: 2)
            _ = skip(":")
            let minutes = rest.isEmpty ? 0 : try number(digits: 2)
            guard rest.isEmpty, hours < 24, minutes < 60 else { throw malformed }
            return (isBehind ? -1 : 1) * (hours * 3600 + minutes * 60)
        }
    }
}
