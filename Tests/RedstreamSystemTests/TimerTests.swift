import RedstreamSystem
import Testing

struct TimerTests {
    @Test func aSleepLastsItsTime() async throws {
        let start = ContinuousClock.now
        try await Timer.sleep(for: .milliseconds(30))
        #expect(start.duration(to: .now) >= .milliseconds(30))
    }

    @Test func sleepsEndInTheOrderOfTheirTimes() async throws {
        let order = await withTaskGroup(of: Int.self) { tasks in
            for number in [3, 1, 2] {
                tasks.addTask {
                    try? await Timer.sleep(for: .milliseconds(number * 100))
                    return number
                }
            }
            return await tasks.reduce(into: []) { $0.append($1) }
        }
        #expect(order == [1, 2, 3])
    }

    @Test func cancellationEndsASleep() async throws {
        await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await Timer.sleep(for: .seconds(3600)) }
            tasks.cancelAll()
            await #expect(throws: CancellationError.self) { try await tasks.next() }
        }
    }
}
