/// What helps whoever types: asked on the thread that reads the line.
package protocol LineAssistant: Sendable {
    /// What could follow the text, shown dimly after it; nil for nothing. Answers at once: what must be looked up
    /// is looked up elsewhere, then ``LineReader/redraw()`` asks again.
    func hint(after text: String) -> String?
    /// What could stand in place of the last word before the cursor.
    func completion(of text: String) -> Completion
    /// Whether the text is a whole command, so that Enter ends it.
    func isComplete(_ text: String) -> Bool
}

/// What a word could become.
package struct Completion: Sendable, Equatable {
    /// The number of scalars before the cursor that are replaced.
    ///
    /// libedit takes a scalar for a character.
    package var replacedCount: Int
    /// What they could become, quoted where that is needed.
    package var candidates: [String]
    /// What is typed after the only candidate.
    package var suffix: String
    /// Whether there may be more than what was found in time.
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

    /// What all candidates begin with.
    package var commonPrefix: String {
        // What the first and the last in order have in common, all between them have.
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
