import Testing

@testable import Redstream
@testable import RedstreamConnection

/// The decisions on an outage, on plain values.
@Suite struct OutageTests {
    private static let start = ContinuousClock.now
    private static let away = RedisError(.connectFailed, address: "h:1", cause: .connectionRefused)
    private static let idle = RedisError(.connectionLost, address: "h:1", cause: .closedWhileIdle)
    private static let backoff = Backoff(initial: .milliseconds(50), maximum: .seconds(2), jitter: 1...1)

    /// An outage, the log of its client, and a clock that the test holds.
    private struct Case {
        var outage: Outage
        var news = OutageNews()
        var now = OutageTests.start

        init(limit: Duration? = nil, failsOverByItself: Bool = false) {
            outage = Outage(limit: limit, failsOverByItself: failsOverByItself, backoff: OutageTests.backoff)
        }

        mutating func fails(
            _ error: RedisError = OutageTests.away, in steps: Outage.Steps = .whole, after time: Duration = .zero
        ) -> Outage.Decision {
            now = now.advanced(by: time)
            return outage.failed(error, in: steps, since: now, at: now, news: &news)
        }

        mutating func succeeds(_ steps: Outage.Steps = .all, after time: Duration = .zero) -> String? {
            now = now.advanced(by: time)
            return outage.succeeded(steps, at: now, news: &news)
        }
    }

    private static func server(_ words: String) -> RedisError { RedisError(server: words, address: "h:1") }

    private static let refused = "cannot connect to h:1: Connection refused"

    @Test(arguments: [
        (away, Duration?.none, "\(refused); trying until it is back"),
        (away, .seconds(30), "\(refused); trying for 30s"),
        (away, .milliseconds(1500), "\(refused); trying for 1.5s"),
        (server("OOM full."), nil, "OOM full; trying until it takes writes"),
        (server("READONLY replica"), nil, "READONLY replica; trying until it takes writes"),
        (server("MISCONF disk"), nil, "MISCONF disk; trying until it takes writes"),
        (server("NOREPLICAS few"), nil, "NOREPLICAS few; trying until it takes writes"),
        (server("LOADING"), nil, "LOADING; trying until it has loaded its data"),
        (server("BUSY"), nil, "BUSY; trying until it answers"),
        (server("CLUSTERDOWN"), nil, "CLUSTERDOWN; trying until a node serves the key"),
        (
            server("ERR max number of clients reached"), nil,
            "ERR max number of clients reached; trying until it takes more clients"
        ),
        (
            .notPrimary("h:1"), nil,
            "h:1 is not a primary: a failover is under way; trying until there is a primary"
        ),
    ])
    func firstFailureIsLogged(error: RedisError, limit: Duration?, line: String) {
        var work = Case(limit: limit)
        #expect(work.fails(error) == .retry(after: .milliseconds(50), log: line))
        #expect(work.fails(error) == .retry(after: .milliseconds(100), log: nil))
    }

    @Test func replicaIsWaitedForAsAFailoverIfThereIsOne() {
        var work = Case(failsOverByItself: true)
        let line = "READONLY replica; trying until there is a primary"
        #expect(work.fails(Self.server("READONLY replica")) == .retry(after: .milliseconds(50), log: line))
        #expect(work.succeeds(after: .seconds(3)) == "there is a primary after 3s")
    }

    @Test(arguments: [
        server("TRYAGAIN keys"), RedisError(.slotMoved, address: "h:1", cause: .slotMoved(.servedElsewhere)),
    ])
    func movingSlotIsAskedForSoon(error: RedisError) {
        var work = Case()
        for _ in 0..<8 { _ = work.fails(error) }
        #expect(work.fails(error) == .retry(after: .milliseconds(200), log: nil))
    }

    @Test(arguments: ["NOAUTH", "WRONGTYPE key", "NOPERM", "MOVED 1 h:2"])
    func errorThatNoRetryMendsIsGivenUp(words: String) {
        var work = Case()
        #expect(work.fails(Self.server(words)) == .giveUp)
        #expect(!work.outage.isUnderWay)
    }

    @Test func limitOfZeroTriesOnce() {
        var work = Case(limit: .zero)
        #expect(work.fails() == .giveUp)
    }

    @Test func limitCountsFromTheFirstFailure() {
        var work = Case(limit: .seconds(10))
        #expect(work.fails() != .giveUp)
        #expect(work.fails(after: .milliseconds(9999)) != .giveUp)
        #expect(work.fails(after: .milliseconds(1)) == .giveUp)
    }

    @Test func limitBeginsAnewAfterASuccess() {
        var work = Case(limit: .seconds(10))
        _ = work.fails()
        #expect(work.succeeds(after: .seconds(9)) == "the server is back after 9s")
        #expect(work.fails(after: .seconds(9)) != .giveUp)
        #expect(work.fails(after: .seconds(9)) != .giveUp)
    }

    @Test func pausesGrowUntilASuccess() {
        var work = Case()
        let pauses = [50, 100, 200, 400, 800, 1600, 2000, 2000].map { Duration.milliseconds($0) }
        for _ in 0..<2 {
            for pause in pauses {
                guard case .retry(pause, _) = work.fails() else {
                    Issue.record("another pause than \(pause)")
                    return
                }
            }
            _ = work.succeeds()
        }
    }

    @Test func otherStepsDoNotEndAnOutage() {
        var work = Case()
        _ = work.fails(in: [.read])
        // The lock can be taken, and what was handled be committed.
        #expect(work.succeeds(.lock) == nil)
        #expect(work.succeeds(.commit) == nil)
        #expect(work.fails(in: [.read]) == .retry(after: .milliseconds(100), log: nil))
        #expect(work.succeeds(.read, after: .seconds(1)) == "the server is back after 1s")
    }

    @Test func everyStepThatFailedMustSucceed() {
        var work = Case()
        _ = work.fails(in: [.read, .commit])
        _ = work.fails(in: [.lock])
        #expect(work.succeeds(.read) == nil)
        #expect(work.succeeds(.lock) == nil)
        #expect(work.succeeds(.commit) == "the server is back after 0s")
        #expect(work.succeeds() == nil)
    }

    @Test func reachedStepEndsAFailureOfTheWhole() {
        var work = Case()
        _ = work.fails()
        #expect(work.succeeds(.read, after: .seconds(2)) == "the server is back after 2s")
    }

    @Test func closedIdleConnectionIsReplacedInSilence() {
        var work = Case(limit: .zero)
        #expect(work.fails(Self.idle, in: [.read]) == .retry(after: .zero, log: nil))
        #expect(work.succeeds(.read, after: .seconds(1)) == nil)
        #expect(!work.outage.isUnderWay)
        #expect(work.fails(Self.idle, in: [.read]) == .retry(after: .zero, log: nil))
    }

    @Test func serverThatClosesEachConnectionIsAnOutage() {
        var work = Case()
        _ = work.fails(Self.idle, in: [.read])
        // The lock can be taken, which says nothing about reading.
        #expect(work.succeeds(.lock) == nil)
        guard case .retry(.milliseconds(50), let line?) = work.fails(Self.idle, in: [.read]) else {
            Issue.record("the second connection was replaced in silence, too")
            return
        }
        #expect(line.hasSuffix("the server closed it before anything was sent; trying until it is back"))
        #expect(work.succeeds(.read, after: .seconds(2)) == "the server is back after 2s")
    }

    @Test func successWithoutAnOutageSaysNothing() {
        var work = Case()
        #expect(work.succeeds() == nil)
    }

    @Test func operatorsTaskIsSaidAlsoBehindAnOutage() {
        var work = Case()
        let oom = "OOM full; trying until it takes writes"
        #expect(work.fails() == .retry(after: .milliseconds(50), log: "\(Self.refused); trying until it is back"))
        #expect(work.fails(Self.server("LOADING")) == .retry(after: .milliseconds(100), log: nil))
        #expect(work.fails(Self.server("OOM full")) == .retry(after: .milliseconds(200), log: oom))
        // It goes to and fro, and is no news any more.
        #expect(work.fails() == .retry(after: .milliseconds(400), log: nil))
        #expect(work.fails(Self.server("OOM full")) == .retry(after: .milliseconds(800), log: nil))
        #expect(work.succeeds(after: .seconds(5)) == "the server takes writes after 5s")
        #expect(work.fails(Self.server("OOM full")) == .retry(after: .milliseconds(50), log: oom))
    }

    @Test func worksOfOneClientShareTheirLines() {
        var news = OutageNews()
        var works = (0..<3).map { _ in Outage(limit: nil, backoff: Self.backoff) }
        var lines: [String] = []
        for index in works.indices {
            let decision = works[index].failed(Self.away, since: Self.start, at: Self.start, news: &news)
            if case .retry(_, let line?) = decision { lines.append(line) }
        }
        #expect(lines == ["\(Self.refused); trying until it is back"])
        let ends = works.indices.map {
            works[$0].succeeded(at: Self.start.advanced(by: .seconds(75)), news: &news)
        }
        #expect(ends == [nil, nil, "the server is back after 1m15s"])
    }

    @Test func abandonedWorkSaysNothingAndHoldsUpNoLine() {
        var news = OutageNews()
        var gone = Outage(limit: nil, backoff: Self.backoff)
        _ = gone.failed(Self.away, since: Self.start, at: Self.start, news: &news)
        gone.abandon(at: Self.start, news: &news)
        var next = Outage(limit: nil, backoff: Self.backoff)
        let decision = next.failed(Self.away, since: Self.start, at: Self.start, news: &news)
        #expect(
            decision == .retry(after: .milliseconds(50), log: "\(Self.refused); trying until it is back"))
    }
}
