import Redstream
import RedstreamConnection

/// Takes lines, checks them, and sends them; counts what became of them.
struct ProduceSession {
    /// The treatment of a line that is no message.
    enum InvalidLines: String, Sendable, CaseIterable {
        case fail
        case skip
    }

    private let context: CommandContext
    private let format: LineFormat
    private let placement: ShardPlacement?
    private let invalidLines: InvalidLines
    private var batch: OutgoingBatch
    private var pipeline: ProducePipeline
    private var progress: Progress
    private var bytesRead = 0
    /// True until the first message, which stands for all.
    private var isAtFirst: Bool
    /// Lines that were refused and passed over.
    private(set) var skipped = 0
    /// True if nothing of the input is left to send.
    private(set) var hasTakenAll = false

    /// The numbers of entries that the server has acknowledged.
    var tally: ProducePipeline.Tally { pipeline.tally }

    init(
        _ context: CommandContext, keys: [RedisKey], format: LineFormat, placement: ShardPlacement?,
        invalidLines: InvalidLines, pipeline: ProducePipeline, inputSize: Int?, isChecked: Bool
    ) {
        self.context = context
        self.format = format
        self.placement = placement
        self.invalidLines = invalidLines
        batch = OutgoingBatch(keys: keys)
        isAtFirst = !isChecked
        self.pipeline = pipeline
        progress = Progress(context.console, unit: "messages", total: inputSize)
    }

    /// Sends messages, and waits until all are acknowledged.
    mutating func send(_ input: ProduceInput) async throws {
        switch input {
        case .arguments(let arguments): try await send(arguments: arguments)
        case .lines(let file, _): try await send(linesOf: file)
        }
        try await finish()
    }

    private mutating func send(arguments: [String]) async throws {
        for (index, argument) in arguments.enumerated() {
            var argument = argument
            let refused: Failure? = argument.withUTF8 { text in
                add(text, called: "argument \(index + 1)", isArgument: true)
            }
            try await handle(refused)
        }
        hasTakenAll = true
    }

    /// Sends the lines of a file until its end, or until reading is stopped: a line that is there in part is left out.
    private mutating func send(linesOf input: InputFile) async throws {
        var lines = InputLines(of: input, context.console)
        reading: while true {
            var refusals: [Failure] = []
            var full: [OutgoingBatch] = []
            let state = try await lines.read { line, number in
                // What follows a line that ends everything is not looked at.
                guard refusals.isEmpty || invalidLines == .skip else { return }
                if let failure = add(line, called: "line \(number)") { refusals.append(failure) }
                if batch.isFull {
                    full.append(batch)
                    batch.removeAll()
                }
            }
            bytesRead = lines.bytesRead
            for batch in full { try await submit(batch) }
            for refusal in refusals { try await handle(refusal) }
            switch state {
            case .open(isQuiet: false): break
            case .open:
                try await sendBatch()
                try await pipeline.flush()
            case .ended:
                hasTakenAll = true
                break reading
            case .stopped: break reading
            }
        }
    }

    /// Waits until everything is acknowledged.
    private mutating func finish() async throws {
        try await sendBatch()
        try await pipeline.flush()
    }

    /// Returns whether the streams did not exist before.
    func hasMadeStreams() async -> Bool { await pipeline.hasMadeStreams() }

    mutating func close() {
        progress.finish()
        pipeline.close()
    }

    /// Adds a line to the batch, or returns why it is invalid.
    private mutating func add(
        _ line: UnsafeBufferPointer<UInt8>, called name: String, isArgument: Bool = false
    ) -> Failure? {
        let before = batch.count
        do {
            try format.append(line, to: &batch, placedBy: placement)
            if isAtFirst, batch.count > before {
                isAtFirst = false
                format.noteRecord(in: line, called: name, context.console)
            }
            if isArgument, batch.count == before { throw BlankMessage() }
            return nil
        } catch {
            return Failure(
                message: name, error, argument: isArgument ? String(decoding: line, as: UTF8.self) : nil)
        }
    }

    private mutating func handle(_ refused: Failure?) async throws {
        guard let refused else { return }
        if invalidLines == .skip {
            skipped += 1
            context.console.note(refused.message)
        } else {
            // What came before it stays sent.
            try await finish()
            throw refused
        }
    }

    private mutating func sendBatch() async throws {
        guard batch.count > 0 else { return }
        let full = batch
        batch.removeAll()
        try await submit(full)
    }

    private mutating func submit(_ batch: OutgoingBatch) async throws {
        try await pipeline.submit(batch)
        progress.update(tally.acknowledged, part: bytesRead)
    }
}
