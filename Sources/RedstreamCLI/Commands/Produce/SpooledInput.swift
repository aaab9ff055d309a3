import Redstream

/// The messages of a `produce`.
enum ProduceInput: Sendable {
    case arguments([String])
    /// Lines, and their size in bytes where it is known.
    case lines(InputFile, size: Int?)

    /// Ends the reading of lines, now or later.
    func stop() {
        if case .lines(let file, _) = self { file.stop() }
    }
}

/// Messages that were checked before any is sent, and are kept, to be sent several times.
struct SpooledInput: Sendable {
    /// The messages given as arguments; nil for lines.
    private let arguments: [String]?
    private let spool: InputSpool?
    /// The number of messages that can be sent.
    let count: Int
    /// The number of messages that were refused and passed over.
    let skipped: Int

    /// Takes all messages.
    ///
    /// - Throws: ``Failure`` for the first that is refused, or if they cannot be kept.
    init(_ input: ProduceInput, for job: ProduceJob, in context: CommandContext) async throws {
        var intake = MessageIntake(
            job, to: job.target(isDelayed: false), context.console,
            consequence: "nothing was written, and the command did not run")
        switch input {
        case .arguments(let all):
            spool = nil
            arguments = try all.enumerated().filter { try intake.take(argument: $1, number: $0 + 1) }.map(\.element)
        case .lines(let file, _):
            arguments = nil
            let spool = try InputSpool(in: context.environment)
            var lines = InputLines(of: file, context.console)
            reading: while true {
                var good: [UInt8] = []
                let state = try await lines.read { line, number in
                    guard try intake.take(line, called: "line \(number)") else { return }
                    if intake.batch.isFull { intake.batch.removeAll() }
                    good.append(contentsOf: line)
                    good.append(UInt8(ascii: "\n"))
                }
                try await spool.append(good)
                guard case .open = state else { break reading }
            }
            self.spool = spool
        }
        count = intake.count
        skipped = intake.skipped
    }

    /// The messages, to be read from the first one on.
    var messages: ProduceInput {
        spool.map { .lines($0.reader(), size: $0.size) } ?? .arguments(arguments ?? [])
    }
}
