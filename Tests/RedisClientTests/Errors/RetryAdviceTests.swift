import RedisClient
import Testing

@Suite(.timeLimit(.minutes(3))) struct RetryAdviceTests {
    @Test(
        arguments: [
            (.connectFailed, .retry), (.connectionLost, .retry), (.timedOut, .retry),
            (.poolExhausted, .retry),
            (.cancelled, .fail), (.protocolViolation, .fail), (.unsupportedServer, .fail),
        ] as [(RedisError.Kind, RetryAdvice)])
    func everyKindHasItsAdvice(kind: RedisError.Kind, advice: RetryAdvice) {
        #expect(RedisError(kind, address: "a", reason: "r").retryAdvice == advice)
    }

    @Test(arguments: ["LOADING", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "BUSY", "NOREPLICAS"])
    func aServerThatIsNotReadyIsTriedAgain(code: String) {
        #expect(error(code).retryAdvice == .retry)
    }

    @Test(arguments: ["OOM", "MISCONF"])
    func aServerWithoutResourcesMayRecover(code: String) {
        #expect(error(code).retryAdvice == .retryWhenResourcesReturn)
    }

    @Test(arguments: ["NOAUTH", "WRONGPASS", "NOPERM", "WRONGTYPE", "ERR", "NOSCRIPT", "EXECABORT", "MOVED"])
    func whatOnlySomebodyCanMendFails(code: String) {
        #expect(error(code).retryAdvice == .fail)
    }

    @Test func tooManyClientsIsTriedAgain() {
        let full = RedisError(.server(code: "ERR"), address: "a", reason: "ERR max number of clients reached")
        #expect(full.retryAdvice == .retry)
    }

    @Test func theCodeIsTheServersFirstWord() {
        #expect(error("OOM").code == "OOM")
        #expect(RedisError(.timedOut, address: "a", reason: "r").code == nil)
    }

    @Test func aSlotOnItsWayIsAskedForSoonAgain() {
        #expect(error("TRYAGAIN").longestPause == .milliseconds(200))
        #expect(RedisError(.slotMoved, address: "a", reason: "r").longestPause == .milliseconds(200))
        #expect(error("LOADING").longestPause == nil)
    }

    private func error(_ code: String) -> RedisError {
        RedisError(.server(code: code), address: "a", reason: "\(code) some text")
    }
}

@Suite(.timeLimit(.minutes(3))) struct BackoffTests {
    @Test func doublesWithJitterUpToItsBound() {
        var backoff = Backoff(initial: .milliseconds(100), maximum: .seconds(1))
        let bounds = [100, 200, 400, 800, 1000, 1000]
        for bound in bounds {
            let delay = backoff.nextDelay()
            #expect(delay >= .milliseconds(bound / 2))
            #expect(delay <= .milliseconds(bound))
        }
        backoff.reset()
        #expect(backoff.nextDelay() <= .milliseconds(100))
    }
}
