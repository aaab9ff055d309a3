import Logging
import RedstreamConnection
import Synchronization

/// The number of entries to ask a server for at once.
///
/// A server closes a connection whose replies exceed its `client-output-buffer-limit`. Then fewer entries are asked for, and
/// more again, step by step, once that has gone well for a while. A plain value.
struct ReadSize: Sendable, Equatable {
    /// The number that is wanted.
    let maximum: Int
    /// The number to ask for now.
    private(set) var count: Int
    /// The largest number that was answered since a connection was lost.
    private var answered = 0
    /// The smallest number that cost a connection; nil if none did, or if larger ones may be tried again.
    private var refused: Int?
    /// Connections that a single entry has cost since the last answer.
    private var lossesOfOne = 0
    /// Connections that were lost since the full number was answered.
    private var losses = 0
    private var isToldOf = false
    /// Full answers that are needed before a larger number is tried again, and those still missing.
    private var probation = Self.firstProbation
    private var answersLeft = 0

    private static let firstProbation = 100
    private static let longestProbation = 100_000

    init(maximum: Int) {
        self.maximum = maximum
        count = maximum
    }

    /// True if the server seems to refuse a single entry; one loss may have another reason.
    var isSingleRefused: Bool { lossesOfOne > 1 }

    /// Notes that the connection was lost while the server was to answer at once.
    mutating func lost() {
        losses += 1
        if count == 1 { lossesOfOne += 1 }
        // A larger number was tried again in vain: the next try is to be later.
        if answered > 0, refused == nil { probation = min(probation * 2, Self.longestProbation) }
        answersLeft = probation
        refused = count
        if answered >= count { answered = 0 }
        count = max(answered > 0 ? answered : count / 10, 1)
    }

    /// Notes an answer.
    ///
    /// - Parameter entries: The entries in it.
    /// - Returns: True if it is worth a line that fewer are asked for.
    mutating func succeeded(entries: Int) -> Bool {
        lossesOfOne = 0
        guard losses > 0 else { return false }
        let isNews = losses > 1 && !isToldOf
        if isNews { isToldOf = true }
        // An answer with fewer entries than were asked for tells nothing about that number.
        guard entries >= count else { return isNews }
        answered = max(answered, count)
        if let refused {
            answersLeft -= 1
            if answersLeft <= 0 { self.refused = nil }
            count = min(count * 2, (count + refused) / 2)
        } else if count == maximum {
            self = ReadSize(maximum: maximum)
        } else {
            count = min(count * 2, maximum)
        }
        return isNews
    }
}

/// The read size of one reader, over all of its connections.
final class ReadSizes: Sendable {
    private let size: Mutex<ReadSize>

    init(maximum: Int) {
        size = Mutex(ReadSize(maximum: maximum))
    }

    /// The number of entries to ask for now.
    var count: Int { size.withLock(\.count) }

    /// Makes a read that the server is to answer at once, and notes the end of the connection as one of a read that was too
    /// large.
    ///
    /// - Parameters:
    ///   - place: The place of the first entry, such as `the first after 5-0`.
    ///   - read: The read.
    /// - Returns: The result of `read`.
    /// - Throws: The error of `read`, with its cause if that is known by now.
    func noting<Value>(_ place: String, _ read: () async throws -> Value) async throws -> Value {
        do {
            return try await read()
        } catch let error as RedisError where !Task.isCancelled {
            throw failed(error, place)
        }
    }

    func failed(_ error: RedisError, _ place: String) -> RedisError {
        guard error.kind == .connectionLost, error.cause != .closedWhileIdle else { return error }
        let cause: RedisError.Cause = size.withLock { size in
            let count = size.count
            size.lost()
            return size.isSingleRefused ? .entryTooLarge(place) : .replyTooLarge(entries: count)
        }
        return RedisError(.connectionLost, address: error.address, cause: cause)
    }

    /// Notes an answer, and says once that fewer entries are asked for.
    func succeeded(entries: Int, loggingTo logger: Logger) {
        guard size.withLock({ $0.succeeded(entries: entries) }) else { return }
        logger.notice(
            "reading in smaller parts: the server closed the connection on larger ones, as its client-output-buffer-limit says"
        )
    }

    /// Reads by a number of entries, and again by a smaller one if the server closes the connection.
    ///
    /// - Parameters:
    ///   - place: The place of the first entry, such as `the first after 5-0`.
    ///   - logger: The log.
    ///   - read: Reads so many entries; it returns how many came as well.
    /// - Returns: The result of `read`.
    /// - Throws: The errors of `read`.
    func reading<Value>(
        _ place: String, loggingTo logger: Logger,
        _ read: (_ count: Int) async throws -> (value: Value, entries: Int)
    ) async throws -> Value {
        try await whileShrinking {
            let (value, entries) = try await noting(place) { try await read(count) }
            succeeded(entries: entries, loggingTo: logger)
            return value
        }
    }

    /// Runs work again, at once, if a read of it was too large.
    ///
    /// If the server is away, the next try fails with its error. A single entry is tried twice.
    ///
    /// - Returns: The result of `body`.
    func whileShrinking<Value>(_ body: () async throws -> Value) async throws -> Value {
        while true {
            do {
                return try await body()
            } catch let error as RedisError {
                guard case .replyTooLarge = error.cause else { throw error }
            }
        }
    }
}
