/// Runs work to its end even if the calling task is cancelled, and waits for it.
///
/// It is for what has to follow a change that stands. The work runs in a task of its own, since child tasks inherit the
/// cancellation; the caller waits for it all the same.
package func withoutCancellation<Value: Sendable>(
    _ work: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await Task { try await work() }.value
}
