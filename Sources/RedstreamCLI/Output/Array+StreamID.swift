import Redstream

extension [UInt8] {
    /// Appends an entry id as Redis writes it, without a string in between.
    mutating func append(_ id: StreamID) {
        appendDecimal(id.milliseconds)
        append(UInt8(ascii: "-"))
        appendDecimal(id.sequence)
    }

    private mutating func appendDecimal(_ number: UInt64) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var rest = number
            var start = digits.count
            repeat {
                let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
                start &-= 1
                digits.initializeElement(at: start, to: UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: digit))
                rest = quotient
            } while rest > 0
            append(contentsOf: digits[start...])
        }
    }
}
