/// Runs several works at a time, and returns the result of the first that ends; the others are cancelled.
///
/// - Throws: The error of the first that ends, if it throws one.
package func firstResult<Value: Sendable>(
    of works: [@Sendable () async throws -> Value]
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
        for work in works { group.addTask { try await work() } }
        defer { group.cancelAll() }
        guard let value = try await group.next() else { throw CancellationError() }
        return value
    }
}
