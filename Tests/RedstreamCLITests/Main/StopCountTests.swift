import Testing

@testable import RedstreamCLI

/// The requests to stop that count, of several.
@Suite struct StopCountTests {
    private let start = ContinuousClock.now

    private func counted(_ requests: [(StopRequest, Int)], countsAll: Bool = false) -> [StopRequest] {
        var count = StopCount()
        for (request, time) in requests {
            _ = count.take(request, at: start.advanced(by: .milliseconds(time)), countsAll: countsAll)
        }
        return count.requests
    }

    @Test func requestsOfOneMomentCountOnce() {
        #expect(counted([(.interrupt, 0), (.terminate, 3), (.hangUp, 499)]) == [.interrupt])
    }

    @Test func laterRequestCounts() {
        #expect(counted([(.terminate, 0), (.terminate, 500)]) == [.terminate, .terminate])
    }

    @Test func momentBeginsAtTheLastThatCounted() {
        #expect(counted([(.terminate, 0), (.interrupt, 300), (.hangUp, 600)]) == [.terminate, .hangUp])
    }

    @Test func requestAtTheEndOfACommandIsTheCommands() {
        var count = StopCount(after: start)
        for time in [99, 100] {
            _ = count.take(.terminate, at: start.advanced(by: .milliseconds(time)), countsAll: false)
        }
        #expect(count.requests.count == 1)
    }

    @Test func foregroundCommandGetsAll() {
        #expect(counted([(.terminate, 0), (.terminate, 1)], countsAll: true) == [.terminate, .terminate])
    }
}
