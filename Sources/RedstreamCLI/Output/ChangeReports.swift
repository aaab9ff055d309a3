import Redstream
import RedstreamSystem
import Synchronization

/// Tells on standard output which changes were made.
///
/// The change stands, whatever becomes of its report. So a report that cannot be written goes to standard error, the
/// work goes on, and ``finish()`` gives the exit code that says so.
final class ChangeReports: Sendable {
    private let context: CommandContext
    private let change: String
    private let outlivesReader: Bool
    private let problem: Mutex<OutputError?>

    /// Creates the reports of a command.
    ///
    /// - Parameters:
    ///   - change: The change in words, such as "the offset was moved".
    ///   - context: The place to tell it.
    ///   - outlivesReader: True if the work goes on if nobody reads the ids of new entries any more.
    init(of change: String, in context: CommandContext, outlivesReader: Bool = false) {
        self.context = context
        self.change = change
        self.outlivesReader = outlivesReader
        problem = Mutex(context.output.wasClosed ? .closed : nil)
    }

    /// Tells of a change that is complete, or of one that is only planned.
    ///
    /// - Throws: What ``tell(_:undo:)`` and ``finish()`` throw.
    static func tell(
        _ lines: [String], undo: [String] = [], of change: String, isPlan: Bool, in context: CommandContext
    ) async throws {
        guard !isPlan else {
            for line in lines { try await context.show(line) }
            return
        }
        let reports = ChangeReports(of: change, in: context)
        try await reports.tell(lines, undo: undo)
        try reports.finish()
    }

    /// Tells of a change.
    ///
    /// - Parameters:
    ///   - lines: The report.
    ///   - undo: Commands that undo the change. They are told on standard error also if nobody reads standard output.
    /// - Throws: `CancellationError` after a signal; all of it was told on standard error then.
    func tell(_ lines: [String], undo: [String] = []) async throws {
        let lines = lines + undo
        let bytes = Array(lines.map { $0 + "\n" }.joined().utf8)
        do {
            let (context, count) = (context, context.signals.requestCount)
            try await write(bytes) {
                try await context.interruptible(after: count) { try await context.output.write(bytes) }
            }
        } catch OutputError.closed {
            for line in undo { context.console.say(line) }
        } catch is CancellationError {
            for line in lines { context.console.say(line) }
            throw CancellationError()
        }
    }

    /// Tells the ids of new entries.
    ///
    /// - Throws: ``OutputError/closed`` if nobody reads them, and the work is to end then; `CancellationError`.
    func tell(_ ids: [StreamID]) async throws {
        var bytes: [UInt8] = []
        for id in ids {
            bytes.append(id)
            bytes.append(UInt8(ascii: "\n"))
        }
        do {
            try await write(bytes) { [bytes, context] in try await context.output.write(bytes) }
        } catch OutputError.closed where outlivesReader {}
    }

    /// Writes to standard output, or to standard error once that has failed.
    private func write(_ bytes: [UInt8], to output: () async throws -> Void) async throws {
        var problem = problem.withLock { $0 }
        if problem == nil {
            do { return try await output() } catch let error as OutputError { problem = error }
            self.problem.withLock { $0 = problem }
        }
        if problem == .closed { throw OutputError.closed }
        context.console.say(String(decoding: bytes.dropLast(), as: UTF8.self))
    }

    /// Ends the reports.
    ///
    /// - Throws: ``Failure`` with ``ExitCode/reportLost`` if one could not be written.
    func finish() throws {
        guard case .failed(let error)? = problem.withLock({ $0 }) else { return }
        throw Failure(.reportLost, "\(change), but the report cannot be written: \(error.reason)")
    }
}
