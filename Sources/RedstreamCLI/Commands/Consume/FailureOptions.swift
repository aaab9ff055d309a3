import ArgumentParser
import Redstream

/// The options of `consume --exec` for a command that fails or hangs.
struct FailureOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Split a batch that failed this often, down to the messages that fail; without it, the batch is retried forever.",
            valueName: "number"))
    var maxAttempts: Int?

    @Option(
        help: ArgumentHelp(
            "What to do with a message that fails on its own (default: stop).", valueName: "action"))
    var onFailure: OnFailure?

    @Option(duration: "Kill an attempt that takes longer, and count it as failed.")
    var timeout: DurationText?

    func validate() throws {
        if let maxAttempts, maxAttempts < 1 { throw ValidationError("--max-attempts is at least 1") }
        if onFailure != nil, maxAttempts == nil {
            throw ValidationError("--on-failure says what follows the last attempt: add --max-attempts")
        }
        if let timeout, timeout.duration < .milliseconds(1) { throw ValidationError("--timeout is at least 1ms") }
    }

    /// Refuses options that only a command can meet.
    func check(exec: String?) throws {
        guard exec == nil else { return }
        if maxAttempts != nil { throw ValidationError("--max-attempts is about the command of --exec: add it") }
        if timeout != nil { throw ValidationError("--timeout is about the command of --exec: add it") }
    }

    /// The policy for the library.
    var policy: FailurePolicy {
        maxAttempts.map { FailurePolicy(maxAttempts: $0, lastResort: (onFailure ?? .stop).lastResort) } ?? .retryForEver
    }
}

/// The treatment of a message that fails on its own, as it is typed.
enum OnFailure: String, ExpressibleByArgument, CaseIterable, Sendable {
    case stop
    case skip
    case deadLetter = "dead-letter"

    /// The same for the library.
    var lastResort: FailurePolicy.LastResort {
        switch self {
        case .stop: .stop
        case .skip: .skip
        case .deadLetter: .deadLetter
        }
    }
}
