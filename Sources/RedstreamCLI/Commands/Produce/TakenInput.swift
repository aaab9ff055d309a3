import Redstream

/// Messages that were taken once, and checked, to be sent several times.
enum TakenInput: Sendable {
    case arguments([String])
    case lines(InputSpool)

    /// Sends all messages.
    ///
    /// - Parameters:
    ///   - session: Where to.
    ///   - input: The reader of the lines; nil for arguments.
    /// - Throws: What producing throws.
    func send(by session: inout ProduceSession, reading input: InputFile?) async throws {
        switch self {
        case .arguments(let arguments): try await session.send(arguments: arguments)
        case .lines:
            if let input { try await session.send(linesOf: input) }
        }
        try await session.finish()
    }

    /// The lines, to be read from the first one on; nil for arguments.
    func reader() -> InputFile? {
        if case .lines(let spool) = self { spool.reader() } else { nil }
    }

    /// The number of bytes; nil for arguments.
    var size: Int? {
        if case .lines(let spool) = self { spool.size } else { nil }
    }
}

/// Takes messages, and refuses those that cannot be sent before any is.
struct InputTaker {
    private let job: ProduceJob
    private let context: CommandContext
    private var batch: OutgoingBatch
    /// Messages that can be sent.
    private(set) var count = 0
    /// Messages that were refused and passed over.
    private(set) var skipped = 0

    init(_ job: ProduceJob, in context: CommandContext) {
        self.job = job
        self.context = context
        batch = OutgoingBatch(keys: job.target(isDelayed: false).keys(job.client.keys))
    }

    /// Takes arguments.
    ///
    /// - Throws: ``Failure`` for the first that is refused.
    mutating func take(_ arguments: [String]) throws -> TakenInput {
        var taken: [String] = []
        for (index, argument) in arguments.enumerated() {
            var text = argument
            let isTaken = try text.withUTF8 { (text: UnsafeBufferPointer<UInt8>) throws -> Bool in
                try isGood(text, called: "argument \(index + 1)", isArgument: true)
            }
            if isTaken { taken.append(argument) }
        }
        return .arguments(taken)
    }

    /// Takes lines until the input ends.
    ///
    /// - Throws: ``Failure`` for the first that is refused, or where they cannot be kept.
    mutating func take(linesOf input: InputFile) async throws -> TakenInput {
        let spool = try InputSpool(in: context.environment)
        var splitter = LineSplitter()
        reading: while true {
            switch try await input.read(atMost: 256 << 10) {
            case .bytes(let bytes, _): try await spool.append(good { try splitter.split(bytes, $0) })
            case .end:
                try await spool.append(good { try splitter.finish($0) })
                break reading
            case .stopped: break reading
            }
        }
        return .lines(spool)
    }

    /// The good ones among the lines that `split` finds.
    private mutating func good(_ split: (LineSplitter.Taker) throws -> Void) throws -> [UInt8] {
        var lines: [UInt8] = []
        try split { line, number in
            let line = try ByteOrderMark.removed(from: line, number: number, context.console)
            guard try isGood(line, called: "line \(number)") else { return }
            lines.append(contentsOf: line)
            lines.append(UInt8(ascii: "\n"))
        }
        return lines
    }

    private mutating func isGood(
        _ text: UnsafeBufferPointer<UInt8>, called name: String, isArgument: Bool = false
    ) throws -> Bool {
        let before = batch.count
        do {
            try job.format.append(text, to: &batch, placedBy: job.placement)
            if count == 0, batch.count > before { job.format.noteRecord(in: text, called: name, context.console) }
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
            context.console.note(failure.message)
            return false
        }
        count += batch.count - before
        if batch.isFull { batch.removeAll() }
        return true
    }
}
