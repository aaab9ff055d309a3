import Redstream
import RedstreamConnection
import Synchronization

/// A command that takes dead letters away, after a question.
protocol DeadLetterRemoval: ConnectedCommand {
    var letters: DeadLetterOptions { get }
    var dryRun: Bool { get }
    var yes: Bool { get }

    /// Returns the question before letters are taken away.
    func question(count: Int) -> String
}

extension DeadLetterRemoval {
    static var exitNotes: [(code: ExitCode, meaning: String)] {
        [(.failed, "the question was answered with no, or --yes is missing where nobody can be asked")]
    }

    var scope: AccessScope? { letters.scope }

    func loss(in context: CommandContext) async throws -> String? {
        guard !yes, !dryRun else { return nil }
        let selection = try await letters.selection(
            of: connection.client(in: context), in: context, retryLimit: .zero)
        let count = try await Confirmation.look { try await selection.count() } ?? 0
        // Of none, the command itself tells.
        return count > 0 ? question(count: count) : nil
    }

    /// Selects the letters and counts them, and asks if any are to be taken away.
    ///
    /// - Returns: The letters and their number; nil if the answer was no.
    /// - Throws: What asking throws; `RedisError`.
    func confirmed(
        _ client: StreamClient, in context: CommandContext
    ) async throws -> (selection: DeadLetterSelection, count: Int)? {
        let selection = try await letters.selection(of: client, in: context, retryLimit: retry.limit)
        let count = try await selection.count()
        if !dryRun, count > 0 {
            let reason = question(count: count)
            guard try await Confirmation.isGiven(for: reason, isAllowed: yes, in: context) else { return nil }
        }
        return (selection, count)
    }
}

/// Returns a step that can be tried again.
///
/// - Parameter step: The step, told whether an earlier try may have been carried out: one whose connection broke, or
///   whose answer did not come in time. What the server refused was not.
/// - Returns: The step, to be called for each try.
func repeatable<Value>(
    _ step: @escaping @Sendable (_ mayBeDone: Bool) async throws -> Value
) -> @Sendable () async throws -> Value {
    let mayBeDone = Atomic(false)
    return {
        do {
            return try await step(mayBeDone.load(ordering: .relaxed))
        } catch let error as RedisError where error.kind == .connectionLost || error.kind == .timedOut {
            mayBeDone.store(true, ordering: .relaxed)
            throw error
        }
    }
}
