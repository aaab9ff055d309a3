import Redstream
import RedstreamConnection
import RedstreamSystem
import TestSupport
import Testing

@testable import RedstreamCLI

/// The first and the second signal to a consumer with a batch in hand.
@Suite struct StoppingTests {
    /// A consumer whose command says its process id and waits for a file.
    private struct Busy {
        /// The message while a command takes its time after the first signal, with `--grace 1m`.
        static let patience =
            "redstream: finishing the current batch (up to 1m); press Ctrl-C again to stop now\n"

        let tool: ToolProcess
        let process: pid_t
        private let directory: TemporaryDirectory

        init(_ fixture: Fixture, _ arguments: String...) async throws {
            directory = try TemporaryDirectory()
            try await fixture.add(numbered: 1...4, to: fixture.keys.stream("products"))
            tool = try ToolProcess(
                ["consume", "--stream", "products", "--name", "indexer", "--batch-size", "2"] + arguments + [
                    "--exec", "echo $$; while [ ! -e \(directory.path)/go ]; do sleep 0.01; done; echo done",
                ], environment: fixture.toolEnvironment)
            process = try #require(try await tool.nextLine().flatMap { pid_t($0) })
        }

        func letGo() {
            close(creat("\(directory.path)/go", 0o600))
        }
    }

    @Test func theFirstSignalFinishesAndCommitsTheBatchInHand() async throws {
        try await withNamespace { fixture in
            let busy = try await Busy(fixture, "--grace", "1m")
            busy.tool.signal(SIGTERM)
            // It waits for the command, which waits for this test, and says so before long.
            try await busy.tool.waitForErrors(containing: Busy.patience)
            #expect(busy.tool.exit == nil)
            busy.letGo()
            let result = try await busy.tool.result()
            result.expect(.done)
            #expect(result.errorsBesidesNew == Busy.patience)
            #expect(result.lines.count(where: { $0 == "done" }) == 1)
            #expect(try await fixture.offset() == "2-0")
            #expect(try await fixture.holder() == nil)
        }
    }

    @Test func pastTheGraceTheCommandIsKilledAndNothingCommitted() async throws {
        try await withNamespace { fixture in
            let busy = try await Busy(fixture, "--grace", "200ms")
            busy.tool.signal(SIGTERM)
            let result = try await busy.tool.result()
            result.expect(.failed)
            #expect(
                result.errors.contains(
                    "not finished within --grace 200ms: nothing of the current batch is committed"))
            #expect(kill(busy.process, 0) != 0)
            #expect(try await fixture.offset() == "0-0")
            #expect(try await fixture.holder() == nil)
        }
    }

    @Test func theSecondSignalStopsAtOnceAndCommitsNothing() async throws {
        try await withNamespace { fixture in
            let busy = try await Busy(fixture, "--grace", "1m")
            busy.tool.signal(SIGTERM)
            // It is said once a further signal is taken for a second one.
            try await busy.tool.waitForErrors(containing: Busy.patience)
            busy.tool.signal(SIGTERM)
            let start = ContinuousClock.now
            let result = try await busy.tool.result()
            #expect(start.duration(to: .now) < .seconds(20))
            #expect(result.exit == .status(130) || result.exit == .status(143))
            #expect(result.errors.contains("stopped at once: nothing of the current batch is committed"))
            #expect(kill(busy.process, 0) != 0)
            #expect(try await fixture.offset() == "0-0")
            #expect(try await fixture.holder() == nil)
        }
    }

    @Test(arguments: [[SIGTERM, SIGINT], [SIGINT, SIGTERM, SIGHUP], [SIGTERM, SIGTERM]])
    func signalsAtOnceAreOneStop(signals: [Int32]) async throws {
        try await withNamespace { fixture in
            let busy = try await Busy(fixture, "--grace", "1m")
            for signal in signals { busy.tool.signal(signal) }
            try await busy.tool.waitForErrors(containing: Busy.patience)
            busy.letGo()
            try await busy.tool.result().expect(.done)
            #expect(try await fixture.offset() == "2-0")
        }
    }

    @Test func hangUpFinishesTheBatchAndReleasesTheLock() async throws {
        try await withNamespace { fixture in
            let busy = try await Busy(fixture, "--grace", "1m")
            busy.tool.signal(SIGHUP)
            try await busy.tool.waitForErrors(containing: Busy.patience)
            busy.letGo()
            let result = try await busy.tool.result()
            result.expect(.done)
            #expect(result.lines.count(where: { $0 == "done" }) == 1)
            #expect(try await fixture.offset() == "2-0")
            #expect(try await fixture.holder() == nil)
        }
    }

    @Test(arguments: [("INT", SIGINT), ("TERM", SIGTERM), ("HUP", SIGHUP)] as [(String, Int32)])
    func inheritedIgnoredSignalStaysIgnored(name: String, signal: Int32) async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...2, to: fixture.keys.stream("products"))
            let tool = try fixture.shell(
                """
                trap '' \(name)
                exec "$REDSTREAM" consume --stream products --name indexer --batch-size 1 --exec cat
                """)
            _ = try await tool.nextLine()
            tool.signal(signal)
            // It works on: the next batch comes after the signal.
            try await fixture.add(numbered: 3...3, to: fixture.keys.stream("products"))
            try await eventually("the entry after the signal is committed") { try await fixture.offset() == "3-0" }
            #expect(tool.exit == nil)
            tool.signal(signal == SIGTERM ? SIGINT : SIGTERM)
            try await tool.result().expect(.done)
        }
    }

    @Test(arguments: [(SIGINT, 130), (SIGTERM, 143), (SIGHUP, 143)] as [(Int32, Int32)])
    func finiteWorkThatIsStoppedCommitsTheBatchInHandAndSaysSo(signal: Int32, code: Int32) async throws {
        try await withNamespace { fixture in
            let busy = try await Busy(fixture, "--exit-at-end", "--grace", "1m")
            busy.tool.signal(signal)
            try await busy.tool.waitForErrors(containing: Busy.patience)
            #expect(busy.tool.exit == nil)
            busy.letGo()
            let result = try await busy.tool.result()
            #expect(result.exit == .status(code))
            #expect(result.errorsBesidesNew.hasPrefix(Busy.patience))
            #expect(try await fixture.offset() == "2-0")
        }
    }

    @Test func aReaderThatDoesNotReadIsNoReasonToHangAfterTheGrace() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...20_000, to: fixture.keys.stream("products"))
            let shell = try fixture.shell(
                """
                { "$REDSTREAM" consume --stream products --name indexer --batch-size 9999 --grace 100ms &
                    echo $! >&2; wait $!; echo "status $?" >&2; } | { read line; echo begun >&2; sleep 30; }
                """)
            try await shell.waitForErrors(containing: "begun")
            let process = try #require(pid_t(shell.errorsSoFar.split(separator: "\n")[0]))
            kill(process, SIGTERM)
            try await eventually("it ended; so far: \(shell.errorsSoFar)") {
                shell.errorsSoFar.contains("status ")
            }
            #expect(shell.errorsSoFar.contains("status 1\n"), "\(shell.errorsSoFar)")
            #expect(try await fixture.offset() == "0-0")
        }
    }
}
