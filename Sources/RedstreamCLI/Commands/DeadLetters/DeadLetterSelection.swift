import Redstream

/// Dead letters that were there at one moment: what comes later, be it of what is replayed, is not among them.
struct DeadLetterSelection: Sendable {
    let client: StreamClient
    let name: ConsumerName
    /// The letters that were named; all where none was.
    let ids: [StreamID]
    let last: StreamID
    /// The most letters, where none is named.
    let limit: Int
    let context: CommandContext
    /// The time that the server may be away.
    let retryLimit: Duration

    /// Returns the number of dead letters.
    ///
    /// - Throws: `RedisError`; ``Failure`` for a named letter that does not exist.
    func count() async throws -> Int {
        guard !ids.isEmpty else { return limit }
        for id in ids { _ = try await letter(id) }
        return ids.count
    }

    /// The letters, a portion at a time.
    var portions: Portions { Portions(self) }

    /// Goes through the letters.
    struct Portions: AsyncSequence, AsyncIteratorProtocol {
        private static let size = 100
        private let selection: DeadLetterSelection
        private var rest: ArraySlice<StreamID>
        private var start: StreamID? = .zero
        private var left: Int

        fileprivate init(_ selection: DeadLetterSelection) {
            self.selection = selection
            rest = selection.ids[...]
            left = selection.limit
        }

        func makeAsyncIterator() -> Portions { self }

        /// The next letters; nil after the last.
        mutating func next() async throws -> [DeadLetter]? {
            if !selection.ids.isEmpty {
                guard let id = rest.popFirst() else { return nil }
                return [try await selection.letter(id)]
            }
            guard let from = start, from <= selection.last, left > 0 else { return nil }
            let (selection, count) = (selection, Swift.min(Self.size, left))
            let letters = try await selection.context.retrying(selection.client, for: selection.retryLimit) {
                try await selection.client.deadLetters(
                    of: selection.name, from: from, through: selection.last, limit: count)
            }
            left -= letters.count
            start = letters.last?.id.successor
            return letters.isEmpty ? nil : letters
        }
    }

    private func letter(_ id: StreamID) async throws -> DeadLetter {
        let found = try await context.retrying(client, for: retryLimit) {
            try await client.deadLetters(of: name, from: id, through: id, limit: 1)
        }
        guard let letter = found.first else {
            throw Failure(
                .failed,
                "there is no dead letter \(id) of \(NameText.shown(name.name)) of \(NameText.shown(name.stream))",
                hint:
                    "redstream dead-letters list --stream \(NameText.quoted(name.stream)) --consumer \(NameText.quoted(name.name))"
            )
        }
        return letter
    }
}
