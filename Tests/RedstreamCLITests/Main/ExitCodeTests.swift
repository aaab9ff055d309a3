import Redstream
import RedstreamConnection
import RedstreamSystem
import Testing

@testable import RedstreamCLI

/// The one table of exit codes, and the one place that turns errors into words.
@Suite struct ExitCodeTests {
    @Test func theTableIsTheOneThatTheManualShows() {
        #expect(ExitCode.table.map(\.code.rawValue) == [0, 1, 2, 64, 65, 69, 74, 75, 130, 143])
        #expect(ExitCode.table.suffix(2).allSatisfy { $0.meaning.hasSuffix("(0 for services stopped by a signal)") })
        #expect(Set(ExitCode.table.map(\.meaning)).count == ExitCode.table.count)
    }

    private func failure(_ kind: RedisError.Kind, _ reason: String = "because") -> Failure {
        Failure(RedisError(kind, address: "host:6379", reason: reason), while: "cannot test")
    }

    @Test(arguments: [
        (RedisError.Kind.connectFailed, "cannot test: cannot connect to host:6379: because"),
        (.connectionLost, "cannot test: connection to host:6379 lost: because"),
        (.timedOut, "cannot test: no answer from host:6379: because"),
        (.poolExhausted, "cannot test: because"),
    ])
    func aServerThatCannotBeReachedIs69(kind: RedisError.Kind, message: String) {
        let failure = failure(kind)
        #expect(failure.code == .unreachable)
        #expect(failure.message == message)
        #expect(failure.hint?.contains("--url") == true)
    }

    @Test(arguments: [
        ("LOADING", 69), ("READONLY", 69), ("MASTERDOWN", 69), ("CLUSTERDOWN", 69), ("TRYAGAIN", 69),
        ("BUSY", 69),
        ("OOM", 1), ("MISCONF", 1), ("NOAUTH", 1), ("WRONGPASS", 1), ("NOPERM", 1), ("WRONGTYPE", 1),
        ("ERR", 1),
    ])
    func theServersErrorDecidesTheCode(code: String, exit: Int32) {
        let failure = failure(.server(code: code), "\(code) because")
        #expect(failure.code.rawValue == exit)
        #expect(failure.message == "cannot test: \(code) because")
    }

    @Test(arguments: [
        "NOAUTH", "WRONGPASS", "NOPERM", "WRONGTYPE", "OOM", "MISCONF", "READONLY",
    ])
    func whatSomebodyMustChangeHasAHint(code: String) {
        #expect(failure(.server(code: code)).hint?.isEmpty == false)
    }

    @Test func aHeldLockIs75AndNamesTheHolder() {
        let failure = Failure(RedstreamError.lockHeld(by: "f00@host:1"), while: "cannot test")
        #expect(failure.code == .lockHeld)
        #expect(failure.message == "cannot test: the lock is held by f00@host:1")
        #expect(failure.hint != nil)
    }

    @Test func aConsumerThatIsNotKnownHasAHintThatCanBePasted() {
        let name = ConsumerName(stream: "my stream", name: "n")
        let failure = Failure(RedstreamError.unknownConsumer(name), while: "cannot test")
        #expect(failure.code == .failed)
        #expect(failure.hint == "redstream inspect-offsets --stream 'my stream'")
    }

    @Test func whatAHandlerThrewIsUnwrapped() {
        let cause = SystemError("cannot write", code: ENOSPC)
        let failure = Failure(UnretryableHandlerError(OutputError.failed(cause)), while: "cannot test")
        #expect(failure.code == .failed)
        #expect(failure.message == "cannot test: cannot write the output: No space left on device")
    }

    @Test func aFailureStaysWhatItIs() {
        let failure = Failure(.badData, "line 3", hint: "look")
        #expect(Failure(failure, while: "cannot test") == failure)
    }
}
