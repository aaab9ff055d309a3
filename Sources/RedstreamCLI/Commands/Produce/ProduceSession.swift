import Redstream
import RedstreamConnection

/// Takes lines, checks them, and sends them; counts what became of them.
struct ProduceSession {
    /// The treatment of a line that is no message.
    enum InvalidLines: String, Sendable, CaseIterable {
        case fail
        case skip
    }

    private var intake: MessageIntake
    private var pipeline: ProducePipeline
    private let progress: Progress
    private var bytesRead = 0
    /// True if nothing of the input is left to send.
    private(set) var hasTakenAll = false

    /// The number of lines that were refused and passed over.
    var skipped: Int { intake.skipped }

    /// The numbers of entries that the server has acknowledged.
    var tally: ProducePipeline.Tally { pipeline.tally }

    init(_ intake: MessageIntake, _ pipeline: ProducePipeline, _ progress: Progress) {
        self.intake = intake
        self.pipeline = pipeline
        self.progress = progress
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
            do {
                _ = try intake.take(argument: argument, number: index + 1)
            } catch {
                try await end(error)
            }
        }
        hasTakenAll = true
    }

    /// Sends the lines of a file until its end, or until reading is stopped: a line that is there in part is left out.
    private mutating func send(linesOf input: InputFile) async throws {
        var lines = InputLines(of: input, intake.console)
        reading: while true {
            var refusal: (any Error)?
            var full: [OutgoingBatch] = []
            let state = try await lines.read { line, number in
                // What follows a line that ends everything is not looked at.
                guard refusal == nil else { return }
                do { _ = try intake.take(line, called: "line \(number)") } catch { refusal = error }
                if intake.batch.isFull {
                    full.append(intake.batch)
                    intake.batch.removeAll()
                }
            }
            bytesRead = lines.bytesRead
            for batch in full { try await submit(batch) }
            if let refusal { try await end(refusal) }
            switch state {
            case .open(isQuiet: false): break
            case .open: try await finish()
            case .ended:
                hasTakenAll = true
                break reading
            case .stopped: break reading
            }
        }
    }

    /// Waits until everything is acknowledged.
    private mutating func finish() async throws {
        let rest = intake.batch
        intake.batch.removeAll()
        if rest.count > 0 { try await submit(rest) }
        try await pipeline.flush()
    }

    /// Returns whether the streams did not exist before.
    func hasMadeStreams() async -> Bool { await pipeline.hasMadeStreams() }

    mutating func close() {
        progress.finish()
        pipeline.close()
    }

    /// Ends with a refusal; the messages before it stay sent.
    private mutating func end(_ refusal: any Error) async throws {
        try await finish()
        throw refusal
    }

    private mutating func submit(_ batch: OutgoingBatch) async throws {
        try await pipeline.submit(batch)
        progress.update(part: bytesRead) { $0 = tally.acknowledged }
    }
}
