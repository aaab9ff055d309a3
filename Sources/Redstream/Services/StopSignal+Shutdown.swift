import RedstreamConnection
import ServiceLifecycle

extension StopSignal {
    /// Runs the work of a service with a signal that a graceful shutdown gives.
    ///
    /// - Throws: The error of `work`; the error of a closure of the application as the closure threw it.
    static func untilShutdown<Value>(_ work: (StopSignal) async throws -> Value) async throws -> Value {
        let stop = StopSignal()
        return try await withGracefulShutdownHandler {
            try await ClosureError.unwrapping {
                try await $current.withValue(stop) { try await work(stop) }
            }
        } onGracefulShutdown: {
            stop.stop()
        }
    }
}
