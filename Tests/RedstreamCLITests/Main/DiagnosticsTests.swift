import Redstream
import RedstreamSystem
import TestSupport
import Testing

@testable import RedstreamCLI

/// Standard error that nobody reads.
@Suite struct DiagnosticsTests {
    @Test func fullStandardErrorHoldsUpNoStop() async throws {
        try await withNamespace { fixture in
            try await fixture.add(to: fixture.keys.stream("products"))
            let directory = try TemporaryDirectory()
            // Nobody reads the pipe, and dd has filled it.
            let shell = try fixture.shell(
                """
                cd \(directory.path); mkfifo full; exec 9<>full
                timeout 1 dd if=/dev/zero of=/dev/fd/9 bs=65536 count=1 2>/dev/null
                exec "$REDSTREAM" consume --stream products --name indexer --exec 'echo handled; exit 1' 2>&9
                """)
            for _ in 0..<3 { _ = try await shell.nextLine() }
            shell.signal(SIGTERM)
            try await shell.result().expect(.done)
            #expect(try await fixture.holder() == nil)
        }
    }

    @Test func orderOfOutputAndErrorsIsKeptInOneFile() async throws {
        try await withNamespace { fixture in
            let result = try await fixture.shell(
                """
                for number in 1 2 3; do
                    "$REDSTREAM" produce --stream products --invalid skip x$number $number 2>&1
                done
                """
            ).result()
            let kinds = result.lines.filter { !$0.contains(": a new stream") }.map {
                $0.hasPrefix("redstream: ") ? "error" : $0.hasPrefix("produced") ? "output" : "hint"
            }
            #expect(
                kinds.filter { $0 != "hint" } == ["error", "output", "error", "output", "error", "output"],
                "\(result.output)")
        }
    }
}
