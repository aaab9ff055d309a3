import ServiceLifecycle
import ServiceLifecycleTestKit
import TestSupport

/// A service that runs beside a test, and how it is stopped.
final class Running: Sendable {
    private let task: Task<Void, any Error>
    private let trigger: GracefulShutdownTestTrigger
    private let ended = Recorder<Bool>()

    private init(_ service: any Service, _ trigger: GracefulShutdownTestTrigger) {
        self.trigger = trigger
        let ended = ended
        // The task inherits the trigger's task local, by which the service hears of it.
        task = Task {
            defer { ended.note(true) }
            try await service.run()
        }
    }

    static func start(_ service: any Service) async -> Running {
        await testGracefulShutdown { Running(service, $0) }
    }

    /// Asks for a graceful stop, and waits for the end.
    func stop(within limit: Duration = .seconds(20)) async throws {
        requestStop()
        try await end(within: limit)
    }

    /// Asks for a graceful stop.
    func requestStop() {
        trigger.triggerGracefulShutdown()
    }

    /// Cancels, and waits for the end; the error of the cancellation is dropped.
    func cancel() async throws {
        task.cancel()
        try await eventually("the service ended") { self.hasEnded }
        _ = await task.result
    }

    /// Waits until the service ends by itself.
    func end(within limit: Duration = .seconds(30)) async throws {
        do {
            try await eventually("the service ended", within: limit) { self.hasEnded }
        } catch {
            task.cancel()
            throw error
        }
        try await task.value
    }

    var hasEnded: Bool { ended.count > 0 }
}

/// Runs a service while a test does something else, then stops it gracefully.
func withRunning<Value>(_ service: any Service, _ body: (Running) async throws -> Value) async throws -> Value {
    let running = await Running.start(service)
    do {
        let value = try await body(running)
        try await running.stop()
        return value
    } catch {
        try? await running.cancel()
        throw error
    }
}
