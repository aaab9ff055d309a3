/// Help for the user who types a line: asked on the thread that reads the line.
package protocol LineAssistant: Sendable {
    /// Returns text that could follow, shown dimly behind the line; nil for nothing.
    ///
    /// It answers at once: a slow lookup is made elsewhere, then ``LineReader/redraw()`` asks again.
    func hint(after text: String) -> String?
    /// Returns the words that could stand in place of the last word before the cursor.
    func completion(of text: String) -> Completion
    /// Returns whether the text is a whole command, so that Enter ends it.
    func isComplete(_ text: String) -> Bool
}

/// The words that a word could become.
package struct Completion: Sendable, Equatable {
    /// The number of scalars before the cursor that are replaced.
    ///
    /// libedit takes a scalar for a character.
    package var replacedCount: Int
    /// The possible words, quoted where that is needed.
    package var candidates: [String]
    /// The text that is typed after the only candidate.
    package var suffix: String
    /// True if there may be more candidates than were found in time.
    package var isCutShort: Bool

    /// Creates a completion.
    package init(
        replacing replacedCount: Int = 0, candidates: [String] = [], suffix: String = " ",
        isCutShort: Bool = false
    ) {
        self.replacedCount = replacedCount
        self.candidates = candidates
        self.suffix = suffix
        self.isCutShort = isCutShort
    }

    /// The longest prefix that all candidates have in common.
    package var commonPrefix: String {
        // A prefix of the first and the last in order is one of all between them.
        let ordered = candidates.map { Array($0.unicodeScalars) }
        guard let first = ordered.min(by: Self.precedes), let last = ordered.max(by: Self.precedes) else { return "" }
        var common = String.UnicodeScalarView()
        common.append(contentsOf: zip(first, last).prefix { $0 == $1 }.map(\.0))
        return String(common)
    }

    private static func precedes(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Bool {
        left.lexicographicallyPrecedes(right)
    }
}
