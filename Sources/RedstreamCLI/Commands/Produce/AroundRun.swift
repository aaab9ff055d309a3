import Redstream
import RedstreamConnection
import RedstreamSystem

/// `produce --around`: delay messages for all input, then a command, then the same messages in the stream.
///
/// All delay messages are acknowledged before the command begins. Whatever ends this process after that, they bring the
/// secondaries up to date.
struct AroundRun: Sendable {
    let job: ProduceJob
    let command: String
    let context: CommandContext
    let output: ReportFormat
    let input: ProduceInput
    /// True if the messages come from standard input: the command has another one.
    let readsStandardInput: Bool
    /// Is told the ids of queued entries.
    let ids: ChangeReports?

    /// Runs all phases.
    ///
    /// - Returns: 0, the status of a command that failed, or that of a signal.
    /// - Throws: ``Failure``; what producing throws.
    func run() async throws -> ExitCode {
        let (spooled, cut) = try await context.finishing(within: .seconds(10), end: input.stop) {
            let spooled = try await SpooledInput(input, for: job, in: context)
            // A query that failed writes nothing either: the change would be followed by nobody.
            guard spooled.count > 0 || context.signals.first != nil else { throw Self.nothingToCover }
            return spooled
        }
        guard cut == nil else { return notRun() }
        let messages = spooled.messages
        let (delayed, request) = try await job.send(
            messages, to: job.target(isDelayed: true), in: context, isChecked: true, end: messages.stop)
        if let error = delayed.error { throw error }
        context.signals.leaveToCommand()
        guard request == nil, context.signals.first == nil else { return notRun() }

        let delayedCount = delayed.tally.acknowledged
        guard let status = try await runCommand(delayed: delayedCount) else { return notRun() }
        context.signals.takeBack()
        var queued = ProduceOutcome(target: job.target(isDelayed: false))
        queued.skipped = spooled.skipped
        guard status.isSuccess else {
            report(queued, delayed: delayedCount, status)
            throw failure(of: status, delayed: delayedCount)
        }
        // The change stands, so neither a first signal nor a reader of the ids that has gone ends it.
        queued = try await job.send(
            spooled.messages, to: queued.target, in: context, isChecked: true, ids: ids, end: {}
        ).outcome
        queued.skipped = spooled.skipped
        report(queued, delayed: delayedCount, status)
        if let error = queued.error {
            noteRest(delayedCount - queued.tally.acknowledged)
            throw error
        }
        await queued.noteIfNew(job.client, in: context)
        try ids?.finish()
        return .done
    }

    /// Runs the command; a lack of descriptors, processes or memory is waited out, as a server that is away is.
    ///
    /// - Returns: How it ended; nil if a signal came before it could be started.
    private func runCommand(delayed count: Int) async throws -> Program.Status? {
        var launch = Launch("/bin/sh", ["-c", command])
        // Whoever has given the messages on standard input has nothing else to give there.
        if readsStandardInput { launch.input = nil }
        let command = ForegroundCommand(launch: launch)
        let began = ContinuousClock.now
        var backoff = Backoff()
        var isTold = false
        while context.signals.first == nil {
            do {
                return try await command.run(in: context)
            } catch let error as SystemError {
                guard error.isLackOfResources, began.duration(to: .now) < job.retryLimit else {
                    let hint = [Failure.hint(for: error), delayedHint(count)].compactMap(\.self).joined(separator: "; ")
                    throw Failure(
                        .failed, "the command did not run: \(error): nothing is queued", hint: hint.isEmpty ? nil : hint
                    )
                }
                if !isTold { context.console.note("\(error); trying for \(job.retryLimit.shortText)") }
                isTold = true
                _ = await context.signals.waits(for: backoff.nextDelay())
            }
        }
        return nil
    }

    private static let nothingToCover = Failure(
        .badData, "there are no messages, so the command was not run",
        hint: "what was to write them may have failed; a change that concerns no record needs no redstream")

    private func notRun() -> ExitCode {
        context.console.note("the command did not run")
        return context.signals.first?.exitCode ?? .failed
    }

    private func failure(of status: Program.Status, delayed count: Int) -> Failure {
        Failure(
            ExitCode(status), "the command failed (\(ExecFailure.ended(status))): nothing is queued",
            hint: delayedHint(count))
    }

    private func delayedHint(_ count: Int) -> String? {
        count == 0
            ? nil
            : "redstream delay queues its \(count.counted("delay message", "delay messages")) when "
                + (count == 1 ? "it is due" : "they are due")
    }

    /// Says how many messages were queued, on standard error: standard output is the command's.
    private func report(_ queued: ProduceOutcome, delayed: Int, _ status: Program.Status) {
        switch output {
        case .text:
            if status.isSuccess { context.console.say(TerminalText.escaped(queued.text)) }
        case .json:
            let more: [(key: String, value: JSONValue)] = [
                ("delayed", .integer(delayed)), ("command_status", .integer(Int(ExitCode(status).rawValue))),
            ]
            context.console.say(JSONValue.object(queued.members + more).text)
        }
    }

    private func noteRest(_ rest: Int) {
        guard rest > 0 else { return }
        context.console.note(
            "the command succeeded, but \(rest.counted("message is", "messages are")) not queued: \(rest == 1 ? "its delay message repairs" : "their delay messages repair") that"
        )
    }
}
