/// Says what a consumer does about a batch whose handler fails.
///
/// Without a bound, which is the default, the same batch comes again for ever, after a wait that doubles up to 30 s.
///
/// With a bound, a batch that has failed so often is narrowed down by halves to the entries that fail, each half tried
/// once and without a wait; the others go through in order, and are committed as they do. So an entry may be handled
/// again that was in a failed batch. An entry that fails alone meets ``lastResort``. Attempts are counted on the server
/// before the handler runs, so that a handler that kills its process, or its host, is counted too.
///
/// ```swift
/// let options = Consumer.Options(failurePolicy: FailurePolicy(maxAttempts: 5, lastResort: .deadLetter))
/// ```
public struct FailurePolicy: Sendable, Equatable {
    /// The treatment of an entry that fails alone.
    public enum LastResort: Sendable, Equatable {
        /// The consumer ends with ``RedstreamError/gaveUp(_:message:attempts:reason:)``; the entry is not committed.
        case stop
        /// The entry is committed as if it had been handled, and a warning logged.
        case skip
        /// The entry goes to the consumer's dead letters, in the same atomic step as its commit.
        case deadLetter
    }

    /// The number of tries of a batch before it is narrowed down; nil for ever.
    public let maxAttempts: Int?
    /// The treatment of an entry that fails alone.
    public let lastResort: LastResort

    /// The same batch again, for ever: the default, and what the Ruby gem does.
    public static let retryForEver = FailurePolicy()

    private init() {
        maxAttempts = nil
        lastResort = .stop
    }

    /// Creates a policy that gives up.
    ///
    /// - Parameters:
    ///   - maxAttempts: How often a batch, or an entry that is a batch of its own, is tried; at least 1.
    ///   - lastResort: What happens to an entry that fails alone.
    public init(maxAttempts: Int, lastResort: LastResort = .stop) {
        precondition(maxAttempts > 0, "a batch is tried once at least")
        self.maxAttempts = maxAttempts
        self.lastResort = lastResort
    }
}
