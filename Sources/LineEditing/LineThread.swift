#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Runs a closure that blocks on a thread of its own, and waits for it.
///
/// On Swift's cooperative pool a person who thinks would take a core away from every other task.
func onThread<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
        startThread { continuation.resume(returning: body()) }
    }
}

private func startThread(_ body: @escaping @Sendable () -> Void) {
    final class Start: Sendable {
        let body: @Sendable () -> Void

        init(body: @escaping @Sendable () -> Void) {
            self.body = body
        }
    }

    let attributes = UnsafeMutablePointer<pthread_attr_t>.allocate(capacity: 1)
    pthread_attr_init(attributes)
    pthread_attr_setdetachstate(attributes, Int32(PTHREAD_CREATE_DETACHED))
    defer {
        pthread_attr_destroy(attributes)
        attributes.deallocate()
    }
    #if canImport(Glibc)
    var thread: pthread_t = 0
    #else
    var thread: pthread_t?
    #endif
    let argument = Unmanaged.passRetained(Start(body: body)).toOpaque()
    let status = pthread_create(
        &thread, attributes,
        { argument in
            #if canImport(Glibc)
            guard let argument else { return nil }
            #endif
            let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
            start.body()
            return nil
        }, argument)
    precondition(status == 0, "the system refuses another thread: \(String(cString: strerror(status)))")
}
