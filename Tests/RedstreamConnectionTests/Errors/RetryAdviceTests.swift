import Testing

@testable import RedstreamConnection

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

    private static let meanings: [(String, ServerErrorCode.Meaning)] = [
        ("LOADING text", .init(advice: .retry, awaits: .loaded)),
        ("READONLY text", .init(advice: .retry, awaits: .writable, isReplica: true, invalidatesSlots: true)),
        (
            "ERR WAIT cannot be used with replica instances",
            .init(advice: .retry, awaits: .writable, isReplica: true, invalidatesSlots: true)
        ),
        ("MASTERDOWN text", .init(advice: .retry, awaits: .primary, invalidatesSlots: true)),
        ("UNBLOCKED text", .init(advice: .retry, awaits: .primary, invalidatesSlots: true)),
        ("CLUSTERDOWN text", .init(advice: .retry, awaits: .cluster, invalidatesSlots: true)),
        ("TRYAGAIN text", .init(advice: .retry, awaits: .cluster, longestPause: .milliseconds(200))),
        ("BUSY text", .init(advice: .retry, awaits: .responsive)),
        ("NOREPLICAS text", .init(advice: .retry, awaits: .writable)),
        ("OOM text", .init(advice: .retryWhenResourcesReturn, awaits: .writable)),
        ("MISCONF text", .init(advice: .retryWhenResourcesReturn, awaits: .writable)),
        ("ERR max number of clients reached", .init(advice: .retry, awaits: .admitted)),
    ]

    @Test(arguments: meanings)
    func serverErrorHasOneMeaning(message: String, meaning: ServerErrorCode.Meaning) {
        let error = RedisError(server: message, address: "a")
        #expect(error.serverCode?.meaning == meaning)
        #expect(error.retryAdvice == meaning.advice)
        #expect(error.awaitedState(failsOverByItself: false) == meaning.awaits)
        #expect(error.longestPause == meaning.longestPause)
    }

    @Test func otherServerErrorsAreFinal() {
        let retried = Set(Self.meanings.compactMap { RedisError(server: $0.0, address: "a").serverCode })
        for code in ServerErrorCode.allCases where !retried.contains(code) { #expect(code.meaning == .init()) }
    }

    @Test(arguments: ["NOAUTH", "WRONGPASS", "NOPERM", "WRONGTYPE", "ERR", "NOSCRIPT", "EXECABORT", "MOVED"])
    func whatOnlySomebodyCanMendFails(code: String) {
        #expect(error(code).retryAdvice == .fail)
    }

    @Test func failoverIsAwaitedOnlyWhereThereIsOne() {
        #expect(error("READONLY").awaitedState(failsOverByItself: true) == .primary)
        #expect(error("OOM").awaitedState(failsOverByItself: true) == .writable)
        #expect(RedisError.notPrimary("a").awaitedState(failsOverByItself: false) == .primary)
    }

    @Test func theCodeIsTheServersFirstWord() {
        #expect(error("OOM").code == "OOM")
        #expect(RedisError(.timedOut, address: "a", reason: "r").code == nil)
    }

    @Test func aSlotOnItsWayIsAskedForSoonAgain() {
        let moved = RedisError(.slotMoved, address: "a", cause: .slotMoved(.servedElsewhere))
        #expect(moved.longestPause == .milliseconds(200))
        #expect(moved.awaitedState(failsOverByItself: false) == .cluster)
    }

    @Test func readerErrorsOfHiredisHaveACause() {
        #expect(
            ReplyParser.cause(ofReaderError: #"Protocol error, got "\x15" as reply type byte"#) == .tlsOnPlainPort)
        #expect(
            ReplyParser.cause(ofReaderError: "No support for nested multi bulk replies with depth > 7")
                == .replyTooDeep)
        #expect(ReplyParser.cause(ofReaderError: "Bad bulk string length") == .malformedReply("Bad bulk string length"))
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
