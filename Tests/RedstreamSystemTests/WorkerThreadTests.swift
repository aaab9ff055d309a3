import RedstreamSystem
import Synchronization
import TestSupport
import Testing

struct WorkerThreadTests {
    @Test func closuresRunInOrderOnOneThread() async throws {
        let thread = WorkerThread()
        let order = Mutex<[Int]>([])
        let first = try await thread.run { pthread_self() }
        for number in 1...3 { try thread.enqueue { order.withLock { $0.append(number) } } }
        let last = try await thread.run { pthread_self() }
        #expect(order.withLock { $0 } == [1, 2, 3])
        #expect(pthread_equal(first, last) != 0)
    }

    @Test func theErrorOfAClosureIsThrown() async {
        await #expect(throws: SystemError("cannot read", code: EIO)) {
            try await WorkerThread().run { throw SystemError("cannot read", code: EIO) }
        }
    }

    @Test func aLaterClosureWaitsForItsTime() async throws {
        let thread = WorkerThread()
        let start = ContinuousClock.now
        let (moments, moment) = AsyncStream<ContinuousClock.Instant>.makeStream()
        try thread.enqueue(after: .milliseconds(50)) { moment.yield(.now) }
        for await ran in moments {
            #expect(start.duration(to: ran) >= .milliseconds(50))
            break
        }
    }
}
