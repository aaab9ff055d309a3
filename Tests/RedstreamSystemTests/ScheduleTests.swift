import TestSupport
import Testing

@testable import RedstreamSystem

struct ScheduleTests {
    @Test(arguments: [1, 2, 3, 100, 1001])
    func entriesComeInTheOrderOfTheirTimes(count: Int) {
        let start = ContinuousClock.now
        var schedule = Schedule()
        var numbers = Array(0..<count).shuffled()
        for number in numbers { schedule.insert(.init(due: start + .milliseconds(number / 3), number: number)) }
        schedule.keep { $0 % 5 != 1 }
        numbers = numbers.filter { $0 % 5 != 1 }.sorted()
        var found: [Int] = []
        while let first = schedule.first {
            found.append(first.number)
            schedule.removeFirst()
        }
        #expect(found == numbers)
        #expect(schedule.count == 0)
    }

    @Test func droppedClosuresDoNotRunAndDoNotPileUp() async throws {
        let thread = WorkerThread()
        for _ in 0..<10_000 {
            let number = try thread.enqueue(after: .seconds(3600)) { Issue.record("a dropped closure ran") }
            thread.drop(number)
        }
        try await withCheckedThrowingContinuation { continuation in
            do {
                try thread.enqueue(after: .milliseconds(1)) { continuation.resume() }
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }
}

struct ThreadRoomTests {
    private let version1 = [
        "/proc/loadavg": "1.0 1.0 1.0 2/500 77\n", "/proc/self/cgroup": "8:pids:/user/a\n3:cpu:/b\n0::/\n",
        "/sys/fs/cgroup/pids/cgroup.procs": "", "/sys/fs/cgroup/pids/user/a/pids.max": "max\n",
        "/sys/fs/cgroup/pids/user/pids.max": "100\n", "/sys/fs/cgroup/pids/user/pids.current": "92\n",
    ]
    private let version2 = [
        "/proc/loadavg": "1.0 1.0 1.0 2/500 77\n", "/proc/self/cgroup": "0::/user/a\n",
        "/sys/fs/cgroup/user/a/pids.max": "20\n", "/sys/fs/cgroup/user/a/pids.current": "12\n",
    ]

    private func isSure(of count: Int, limit: Int = 1000, _ files: [String: String]) -> Bool {
        ThreadRoom(limit: limit) { files[$0] }.isSure(of: count)
    }

    @Test func theNearestLimitDecides() {
        #expect(isSure(of: 8, version1) && !isSure(of: 9, version1))
        #expect(isSure(of: 8, version2) && !isSure(of: 9, version2))
        #expect(isSure(of: 8, limit: 508, version2) && !isSure(of: 8, limit: 507, version2))
    }

    @Test func nothingIsSureOfWhatIsNotKnown() {
        for missing in ["/proc/loadavg", "/proc/self/cgroup", "/sys/fs/cgroup/user/a/pids.current"] {
            #expect(!isSure(of: 8, version2.filter { $0.key != missing }), "without \(missing)")
        }
        #expect(!isSure(of: 8, version1.filter { $0.key != "/sys/fs/cgroup/pids/cgroup.procs" }))
        #expect(!isSure(of: 1, version2.merging(["/proc/self/cgroup": "0::/../x\n"]) { $1 }))
    }
}
