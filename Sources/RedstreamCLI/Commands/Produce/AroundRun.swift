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
    /// Messages given as arguments.
    let arguments: [String]
    /// The input from which messages are read; nil for arguments.
    let input: InputSource?
    /// Is told the ids of queued entries.
    let ids: ChangeReports?

    /// Runs all phases.
    ///
    /// - Returns: 0, the status of a command that failed, or that of a signal.
    /// - Throws: ``Failure``; what producing throws.
    func run() async throws -> ExitCode {
        guard let (messages, skipped) = try await take() else { return notRun() }
        let delayed = ProduceOutcome()
        let reader = messages.reader()
        let request = try await send(
            messages, reading: reader, to: job.target(isDelayed: true), noting: delayed, end: { reader?.stop() })
        context.signals.leaveToCommand()
        guard request == nil, context.signals.first == nil else { return notRun() }

        guard let status = try await runCommand(delayed: delayed.tally.acknowledged) else { return notRun() }
        context.signals.takeBack()
        let queued = ProduceOutcome()
        queued.set(ProducePipeline.Tally(), skipped: skipped)
        guard status.isSuccess else {
            report(queued, delayed, status)
            throw failure(of: status, delayed: delayed.tally.acknowledged)
        }
        do {
            try await queue(messages, noting: queued)
        } catch {
            report(queued, delayed, status, skipped: skipped)
            noteRest(queued, delayed)
            throw error
        }
        report(queued, delayed, status, skipped: skipped)
        await queued.noteIfNew(job.target(isDelayed: false), job.client, in: context)
        try ids?.finish()
        return .done
    }

    /// Queues all messages: the change stands, so neither a first signal nor a reader of the ids that has gone ends it.
    private func queue(_ messages: TakenInput, noting outcome: ProduceOutcome) async throws {
        _ = try await send(
            messages, reading: messages.reader(), to: job.target(isDelayed: false), noting: outcome, ids: ids, end: {})
    }

    /// Takes and checks all messages; nil where a signal came first.
    private func take() async throws -> (TakenInput, skipped: Int)? {
        let taken = TakenMessages()
        let request = try await context.finishing(within: .seconds(10), end: { input?.file.stop() }) {
            var taker = InputTaker(job, in: context)
            let messages =
                if let input { try await taker.take(linesOf: input.file) } else { try taker.take(arguments) }
            // A query that failed writes nothing either: the change would be followed by nobody.
            guard taker.count > 0 || context.signals.first != nil else { throw Self.nothingToCover }
            taken.set(messages, skipped: taker.skipped)
        }
        return request == nil ? taken.value : nil
    }

    /// Sends all messages to a target, and waits until they are acknowledged; returns the first signal, if one came.
    ///
    /// `end` reacts to a first signal. A second one, or the end of the grace, cancels.
    private func send(
        _ messages: TakenInput, reading reader: InputFile?, to target: ProduceTarget, noting outcome: ProduceOutcome,
        ids: ChangeReports? = nil, end: @escaping @Sendable () -> Void
    ) async throws -> StopRequest? {
        try await context.finishing(within: .seconds(10), end: end) {
            var session = job.session(to: target, in: context, inputSize: messages.size, isChecked: true, ids: ids)
            defer {
                session.close()
                outcome.set(session.tally, skipped: session.skipped)
            }
            try await messages.send(by: &session, reading: reader)
            // Nothing is said of the delay stream.
            if !target.isDelayed { outcome.setNewStreams(await session.hasMadeStreams()) }
        }
    }

    /// Runs the command; a lack of descriptors, processes or memory is waited out, as a server that is away is.
    ///
    /// - Returns: How it ended; nil if a signal came before it could be started.
    private func runCommand(delayed count: Int) async throws -> Program.Status? {
        var launch = Launch("/bin/sh", ["-c", command])
        // Whoever has given the messages on standard input has nothing else to give there.
        if input?.isStandardInput == true { launch.input = nil }
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
    private func report(
        _ queued: ProduceOutcome, _ delayed: ProduceOutcome, _ status: Program.Status, skipped: Int? = nil
    ) {
        if let skipped { queued.set(queued.tally, skipped: skipped) }
        let target = job.target(isDelayed: false)
        switch output {
        case .text:
            if status.isSuccess { context.console.say(TerminalText.escaped(queued.text(target))) }
        case .json:
            guard case .object(let members) = queued.json(target) else { return }
            let more: [(key: String, value: JSONValue)] = [
                ("delayed", .integer(delayed.tally.acknowledged)),
                ("command_status", .integer(Int(ExitCode(status).rawValue))),
            ]
            context.console.say(JSONValue.object(members + more).text)
        }
    }

    private func noteRest(_ queued: ProduceOutcome, _ delayed: ProduceOutcome) {
        let rest = delayed.tally.acknowledged - queued.tally.acknowledged
        guard rest > 0 else { return }
        context.console.note(
            "the command succeeded, but \(rest.counted("message is", "messages are")) not queued: \(rest == 1 ? "its delay message repairs" : "their delay messages repair") that"
        )
    }
}
