/// Starts a detached thread that runs a closure.
///
/// - Throws: ``SystemError`` if the system refuses the thread, such as for a limit of processes.
package func startThread(_ body: @escaping @Sendable () -> Void) throws(SystemError) {
    _ = try createThread(isDetached: true, body)
}

/// Creates a thread that runs a closure.
///
/// - Parameters:
///   - isDetached: True if it ends without pthread_join(3).
///   - body: The closure.
/// - Returns: The thread.
/// - Throws: ``SystemError`` if the system refuses the thread.
func createThread(isDetached: Bool, _ body: @escaping @Sendable () -> Void) throws(SystemError) -> pthread_t {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    if isDetached { pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED)) }
    defer { pthread_attr_destroy(&attributes) }
    var thread: pthread_t?
    let start = Unmanaged.passRetained(ThreadStart(body))
    let status = create(&thread, &attributes, start.toOpaque())
    guard status == 0, let thread else {
        start.release()
        throw SystemError.ofThread(code: status)
    }
    return thread
}

/// Runs a closure that blocks on a thread of its own, and waits for its result.
///
/// On Swift's cooperative pool it would take a core away from every other task.
///
/// - Throws: ``SystemError`` if the system refuses the thread; what `body` throws.
package func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        do {
            try startThread { continuation.resume(with: Result { try body() }) }
        } catch {
            continuation.resume(throwing: error)
        }
    }
}

/// The closure of a thread, as one pointer.
private final class ThreadStart: Sendable {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) {
        self.body = body
    }
}

/// Calls pthread_create(3), whose types differ between systems.
private func create(
    _ thread: inout pthread_t?, _ attributes: inout pthread_attr_t, _ start: UnsafeMutableRawPointer
) -> Int32 {
    #if canImport(Darwin)
    return pthread_create(
        &thread, &attributes,
        { start in
            Unmanaged<ThreadStart>.fromOpaque(start).takeRetainedValue().body()
            return nil
        }, start)
    #else
    var created = pthread_t()
    let status = pthread_create(
        &created, &attributes,
        { start in
            if let start { Unmanaged<ThreadStart>.fromOpaque(start).takeRetainedValue().body() }
            return nil
        }, start)
    thread = created
    return status
    #endif
}
