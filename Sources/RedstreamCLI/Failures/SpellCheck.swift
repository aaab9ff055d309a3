import Redstream

/// Finds what was probably meant.
enum SpellCheck {
    /// The candidate that differs least, in at most a third of its letters; nil where none is near.
    ///
    /// A part of a hyphenated name is enough: `inspct` is near to `inspect-offsets`.
    static func closest(to word: String, among candidates: [String]) -> String? {
        let typed = Array(word.lowercased())
        let limit = max(1, typed.count / 3)
        // A long word takes no time where no candidate can be near.
        func score(_ candidate: some StringProtocol) -> Int {
            let letters = Array(candidate.lowercased())
            return abs(letters.count - typed.count) > limit ? .max : distance(typed, letters)
        }
        let scored = candidates.map { ($0, score($0)) }
        if let best = scored.min(by: { $0.1 < $1.1 }), best.1 <= limit { return best.0 }
        guard typed.count > 3 else { return nil }
        let parts = candidates.filter { !$0.begins(with: "-") && $0.contains("-") }.flatMap { candidate in
            candidate.split(separator: "-").map { (candidate, score($0)) }
        }
        guard let best = parts.min(by: { $0.1 < $1.1 }), best.1 <= limit else { return nil }
        return best.0
    }

    /// Returns the number of letters that must be changed, added, dropped, or swapped with their neighbour.
    static func distance(_ left: [Character], _ right: [Character]) -> Int {
        guard !left.isEmpty, !right.isEmpty else { return max(left.count, right.count) }
        var before: [Int] = []
        var last = Array(0...right.count)
        for row in 1...left.count {
            var next = [row]
            for column in 1...right.count {
                let isSame = left[row - 1] == right[column - 1]
                var cost = min(last[column] + 1, next[column - 1] + 1, last[column - 1] + (isSame ? 0 : 1))
                if row > 1, column > 1, left[row - 1] == right[column - 2], left[row - 2] == right[column - 1] {
                    cost = min(cost, before[column - 2] + 1)
                }
                next.append(cost)
            }
            (before, last) = (last, next)
        }
        return last[right.count]
    }
}
