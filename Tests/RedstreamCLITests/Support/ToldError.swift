import TestSupport
import Testing

@testable import RedstreamCLI

/// The messages about a server that does not do what is asked: a sentence that says why, and a hint that says what to
/// do, soon, and without a secret.
struct ToldError {
    /// The exit code.
    let code: RedstreamCLI.ExitCode
    /// The text after "redstream: cannot …: ".
    let reason: String
    /// The text of the hint.
    let hint: String

    init(_ code: RedstreamCLI.ExitCode, _ reason: String, hint: String) {
        self.code = code
        self.reason = reason
        self.hint = hint
    }

    /// The password in every URL of these tests.
    static let secret = "s3kret"

    /// Runs the tool and checks what it tells, and that it does so soon: far sooner than what would be a hang.
    func expect(
        from arguments: [String], environment: [String: String] = [:], within bound: Duration = .seconds(5),
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        var results: [ToolProcess.Result] = []
        let time = try await fastestTry(under: bound, of: 3) { _ in
            let began = ContinuousClock.now
            results.append(try await ToolProcess.run(arguments, environment: environment))
            return began.duration(to: .now)
        }
        #expect(time < bound, "\(arguments)", sourceLocation: sourceLocation)
        let result = try #require(results.last)
        result.expect(code, sourceLocation: sourceLocation)
        let sentence = result.errorLines.last { $0.hasPrefix("redstream: cannot ") } ?? ""
        #expect(sentence.contains(reason), "\(result.errors)", sourceLocation: sourceLocation)
        let last = result.errorLines.last ?? ""
        #expect(last.hasPrefix("hint: ") && last.contains(hint), "\(result.errors)", sourceLocation: sourceLocation)
        #expect(!(result.output + result.errors).contains(Self.secret), sourceLocation: sourceLocation)
    }
}
