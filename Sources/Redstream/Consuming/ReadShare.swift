import Synchronization

/// A number of entries that several readers may read between them.
final class ReadAllowance: Sendable {
    private let rest: Mutex<Int>

    init(_ count: Int) {
        rest = Mutex(count)
    }

    /// The number of entries that nobody has taken yet.
    var left: Int { rest.withLock { $0 } }

    /// Takes so many, or what is left.
    func take(_ count: Int) -> Int {
        rest.withLock { rest in
            let taken = min(count, rest)
            rest -= taken
            return taken
        }
    }

    func giveBack(_ count: Int) {
        rest.withLock { $0 += count }
    }
}

/// The part of an allowance that one reader has taken.
final class ReadShare: Sendable {
    private let allowance: ReadAllowance
    private let taken = Mutex(0)

    init(of allowance: ReadAllowance) {
        self.allowance = allowance
    }

    /// True if nothing is left for any reader.
    var isExhausted: Bool { allowance.left == 0 }
    /// The number of entries left for all readers.
    var left: Int { allowance.left }

    /// Takes so many entries, or what is left.
    func take(_ count: Int) -> Int {
        let granted = allowance.take(count)
        taken.withLock { $0 += granted }
        return granted
    }

    /// Gives back what was taken beyond the entries that were really handled.
    func settle(at handled: Int) {
        let excess = taken.withLock { taken in
            defer { taken = min(taken, handled) }
            return max(taken - handled, 0)
        }
        allowance.giveBack(excess)
    }
}

extension ReadShare: Equatable {
    static func == (left: ReadShare, right: ReadShare) -> Bool { left === right }
}
