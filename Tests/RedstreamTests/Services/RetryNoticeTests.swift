import Testing

@testable import RedisClient
@testable import Redstream

/// What is said of an error that is waited out: what it is, and until when.
@Suite struct RetryNoticeTests {
    private func notice(_ code: String, _ reason: String, limit: Duration? = nil) -> String {
        RedisError(.server(code: code), address: "h:1", reason: reason).retryNotice(limit: limit)
    }

    @Test func aServerThatIsThereAndRefusesIsNotSaidToBeAway() {
        let full = "OOM command not allowed when used memory > 'maxmemory'"
        #expect(notice("OOM", "\(full).") == "\(full); trying until it takes writes")
        #expect(notice("READONLY", "READONLY replica") == "READONLY replica; trying until it takes writes")
        #expect(notice("MISCONF", "MISCONF disk") == "MISCONF disk; trying until it takes writes")
        #expect(notice("NOREPLICAS", "NOREPLICAS few") == "NOREPLICAS few; trying until it takes writes")
        #expect(notice("LOADING", "LOADING") == "LOADING; trying until it has loaded its data")
        #expect(notice("BUSY", "BUSY") == "BUSY; trying until it answers")
        #expect(notice("CLUSTERDOWN", "CLUSTERDOWN") == "CLUSTERDOWN; trying until a node serves the key")
        #expect(
            notice("ERR", "ERR max number of clients reached")
                == "ERR max number of clients reached; trying until it takes more clients")
    }

    @Test func aServerThatIsAwayIsWaitedForUntilItIsBack() {
        let refused = RedisError(.connectFailed, address: "h:1", reason: "Connection refused")
        #expect(refused.retryNotice(limit: nil) == "cannot connect to h:1: Connection refused; trying until it is back")
        #expect(AwaitedState.reachable.notice(after: .seconds(75)) == "the server is back after 1m15s")
    }

    @Test func aLimitIsWrittenAsDurationsAreWrittenEverywhere() {
        #expect(notice("OOM", "OOM", limit: .seconds(30)) == "OOM; trying for 30s")
        #expect(notice("OOM", "OOM", limit: .milliseconds(1500)) == "OOM; trying for 1.5s")
    }

    @Test func aFailoverEndsByItself() {
        let demoted = RedisError(.server(code: "READONLY"), address: "h:1", cause: .notPrimary("h:1"))
        #expect(demoted.awaitedState(failsOverByItself: false) == .primary)
        let replica = RedisError(.server(code: "READONLY"), address: "h:1", reason: "READONLY replica")
        #expect(replica.awaitedState(failsOverByItself: true) == .primary)
        #expect(replica.awaitedState(failsOverByItself: false) == .writable)
    }
}
