/// Adds up the numbers and units of a duration's text.
struct DurationParser {
    private var text: Substring
    private var total = Duration.zero
    /// The units that were met, in their order.
    private var units: [Unit] = []

    /// The units, by their lengths in milliseconds.
    private enum Unit: Int64 {
        case week = 604_800_000
        case day = 86_400_000
        case hour = 3_600_000
        case minute = 60_000
        case second = 1000
        case millisecond = 1
    }

    /// Starts at the beginning of a text.
    init(text: Substring) {
        self.text = text
    }

    /// Reads numbers with the units of the command line, blanks between them allowed.
    mutating func parseUnits() throws(OptionTextError) -> Duration {
        while !text.isEmpty {
            let (number, value) = try takeNumber()
            let name = takePrefix { $0.isLetter || $0 == "µ" }
            let unit: Unit
            switch name {
            case "w": unit = .week
            case "d": unit = .day
            case "h": unit = .hour
            case "m": unit = .minute
            case "s": unit = .second
            case "ms": unit = .millisecond
            case "": throw OptionTextError("it has no unit\(Self.examples(for: number, units))")
            default: throw OptionTextError("it has an unknown unit: the units are ms, s, m, h, d and w")
            }
            try add(value, unit)
            if text.first == " ", text.count > 1 { text.removeFirst() }
        }
        return total
    }

    /// Reads what ISO 8601 writes, from its `P`; weeks may stand together with days.
    mutating func parseISO8601() throws(OptionTextError) -> Duration {
        text.removeFirst()
        var inTime = false
        while !text.isEmpty {
            if text.first == "T", !inTime {
                inTime = true
                text.removeFirst()
                if !text.isEmpty { continue }
                throw OptionTextError("it ends after T: write a duration such as PT5M")
            }
            let (_, value) = try takeNumber()
            let unit: Unit
            switch (text.popFirst(), inTime) {
            case ("W", false): unit = .week
            case ("D", false): unit = .day
            case ("H", true): unit = .hour
            case ("M", true): unit = .minute
            case ("S", true): unit = .second
            case ("Y", false), ("M", false):
                throw OptionTextError(
                    "years and months have no fixed length: write days, and minutes after a T")
            default: throw OptionTextError("it is no ISO 8601 duration: write one such as PT5M or P1DT2H")
            }
            if let last = units.last, unit.rawValue > last.rawValue {
                throw OptionTextError(
                    "its units are out of order: ISO 8601 has them from weeks down to seconds")
            }
            try add(value, unit)
        }
        if units.isEmpty {
            throw OptionTextError("it has no number: write a duration such as PT5M or P1DT2H")
        }
        return total
    }

    /// Reads digits with decimals: the number's text, its whole part, and its decimals in billionths.
    private mutating func takeNumber() throws(OptionTextError) -> (
        String, value: (whole: Int64, billionths: Int64)
    ) {
        let whole = takePrefix(while: Self.isDigit)
        guard !whole.isEmpty else {
            throw OptionTextError("it is no duration: write numbers with units, such as 500ms, 30s or 1h30m")
        }
        guard let number = Int64(whole) else { throw Self.tooLong }
        guard text.first == "." || text.first == "," else { return (whole, (number, 0)) }
        text.removeFirst()
        let decimals = takePrefix(while: Self.isDigit)
        guard let fraction = Int64(decimals), decimals.count <= 9 else {
            throw OptionTextError(
                "it has \(decimals.isEmpty ? "no" : "more than nine") digits after the point")
        }
        let billionths = (decimals.count..<9).reduce(fraction) { value, _ in value * 10 }
        return ("\(whole).\(decimals)", (number, billionths))
    }

    private mutating func add(_ value: (whole: Int64, billionths: Int64), _ unit: Unit)
        throws(OptionTextError)
    {
        guard !units.contains(unit) else { throw OptionTextError("it has the same unit twice") }
        units.append(unit)
        let (milliseconds, isTooLarge) = value.whole.multipliedReportingOverflow(by: unit.rawValue)
        guard !isTooLarge, milliseconds <= DurationText.longest.components.seconds * 1000 else {
            throw Self.tooLong
        }
        // At most 604,799 million milliseconds times a billionth: far from overflow.
        let fraction = Duration.nanoseconds(value.billionths * unit.rawValue / 1000)
        total += .milliseconds(milliseconds) + fraction
        guard total <= DurationText.longest else { throw Self.tooLong }
    }

    private static let tooLong = OptionTextError("it is too long: a duration is at most 100000d")

    private static func examples(for number: String, _ units: [Unit]) -> String {
        units.isEmpty ? ": write \(number)s, \(number)m or \(number)h" : " after the last number"
    }

    private static func isDigit(_ character: Character) -> Bool {
        character.isASCII && character.isWholeNumber
    }

    private mutating func takePrefix(while isPart: (Character) -> Bool) -> String {
        let prefix = text.prefix(while: isPart)
        text = text[prefix.endIndex...]
        return String(prefix)
    }
}
