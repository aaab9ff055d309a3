/// Decides what to try next of a batch that may hold entries that fail: a plain value, told what came of each try.
///
/// The parts of the batch are gone through in order. One that was tried as often as allowed is halved, and each half
/// tried once; an entry alone is given up.
struct BatchBisection {
    /// Neighbours in the batch that are tried together.
    struct Part: Equatable {
        /// Their positions in the batch.
        var range: Range<Int>
        /// The number of tries, in this part and in the larger ones that it was cut from.
        var attempts = 0
        /// True if this very part was tried, and not handled.
        var hasFailed = false
    }

    enum Step: Equatable {
        /// Hand these entries to the handler, for the `attempt`th time.
        case handle(Range<Int>, attempt: Int)
        /// Apply the last resort to the entry at this position.
        case giveUp(Int, attempts: Int)
    }

    private let maxAttempts: Int?
    /// The parts that are left, the next one last.
    private var parts: [Part]

    /// Starts with parts in order, as an earlier process may have left them.
    init(_ parts: [Part], maxAttempts: Int?) {
        self.parts = parts.reversed()
        self.maxAttempts = maxAttempts
    }

    /// The next step; nil when all entries are handled or given up.
    ///
    /// It stays the same until it is told what came of it.
    mutating func next() -> Step? {
        guard let part = parts.last else { return nil }
        guard let maxAttempts, part.hasFailed, part.attempts >= maxAttempts else {
            return .handle(part.range, attempt: part.attempts + 1)
        }
        guard part.range.count > 1 else { return .giveUp(part.range.lowerBound, attempts: part.attempts) }
        parts.removeLast()
        let middle = part.range.lowerBound + (part.range.count + 1) / 2
        parts.append(Part(range: middle..<part.range.upperBound, attempts: part.attempts))
        parts.append(Part(range: part.range.lowerBound..<middle, attempts: part.attempts))
        return next()
    }

    /// Takes note that the part in hand was handled, or its entry given up.
    mutating func settled() {
        parts.removeLast()
    }

    /// Takes note that the part in hand failed.
    ///
    /// - Returns: True if the same part is to be tried again, after a wait.
    mutating func failed() -> Bool {
        guard var part = parts.popLast() else { return false }
        part.attempts += 1
        part.hasFailed = true
        parts.append(part)
        return maxAttempts.map { part.attempts < $0 } ?? true
    }

    /// True if nothing is left.
    var isDone: Bool { parts.isEmpty }
}
