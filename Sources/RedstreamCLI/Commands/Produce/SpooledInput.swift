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
        var check = MessageCheck(job, context.console)
        switch input {
        case .arguments(let all):
            spool = nil
            arguments = try all.enumerated().filter { try check.isGood(argument: $1, number: $0 + 1) }.map(\.element)
        case .lines(let file, _):
            arguments = nil
            let spool = try InputSpool(in: context.environment)
            var lines = InputLines(of: file, context.console)
            reading: while true {
                var good: [UInt8] = []
                let state = try await lines.read { line, number in
                    guard try check.isGood(line, called: "line \(number)") else { return }
                    good.append(contentsOf: line)
                    good.append(UInt8(ascii: "\n"))
                }
                try await spool.append(good)
                guard case .open = state else { break reading }
            }
            self.spool = spool
        }
        count = check.count
        skipped = check.skipped
    }

    /// The messages, to be read from the first one on.
    var messages: ProduceInput {
        spool.map { .lines($0.reader(), size: $0.size) } ?? .arguments(arguments ?? [])
    }
}

/// Tells messages that can be sent from those that are refused.
private struct MessageCheck {
    private let job: ProduceJob
    private let console: Console
    private var batch: OutgoingBatch
    private(set) var count = 0
    private(set) var skipped = 0

    init(_ job: ProduceJob, _ console: Console) {
        self.job = job
        self.console = console
        batch = OutgoingBatch(keys: job.target(isDelayed: false).keys(job.client.keys))
    }

    mutating func isGood(argument: String, number: Int) throws -> Bool {
        var text = argument
        return try text.withUTF8 { (text: UnsafeBufferPointer<UInt8>) throws -> Bool in
            try isGood(text, called: "argument \(number)", isArgument: true)
        }
    }

    mutating func isGood(
        _ text: UnsafeBufferPointer<UInt8>, called name: String, isArgument: Bool = false
    ) throws -> Bool {
        let before = batch.count
        do {
            try job.format.append(text, to: &batch, placedBy: job.placement)
            if count == 0, batch.count > before { job.format.noteRecord(in: text, called: name, console) }
            if isArgument, batch.count == before { throw BlankMessage() }
        } catch {
            var failure = Failure(
                message: name, error, argument: isArgument ? String(decoding: text, as: UTF8.self) : nil)
            guard job.invalidLines == .skip else {
                let nothingDone = "nothing was written, and the command did not run"
                failure.hint = error is InvisibleText ? failure.hint.map { "\($0); \(nothingDone)" } : nothingDone
                throw failure
            }
            skipped += 1
            console.note(failure.message)
            return false
        }
        count += batch.count - before
        if batch.isFull { batch.removeAll() }
        return true
    }
}
