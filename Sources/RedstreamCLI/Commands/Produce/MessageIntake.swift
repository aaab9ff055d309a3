import Redstream

/// Takes messages into a batch, and refuses or passes over those that are invalid.
struct MessageIntake {
    private let job: ProduceJob
    let console: Console
    /// The consequence of a refusal for all messages, for its hint; nil if those before it are sent.
    private let consequence: String?
    /// True if the first message, which stands for all, is looked at.
    private let looksAtFirst: Bool
    /// The entries that were not taken away.
    var batch: OutgoingBatch
    /// The number of messages that were taken.
    private(set) var count = 0
    /// The number of messages that were passed over.
    private(set) var skipped = 0

    init(
        _ job: ProduceJob, to target: ProduceTarget, _ console: Console, consequence: String? = nil,
        looksAtFirst: Bool = true
    ) {
        self.job = job
        self.console = console
        self.consequence = consequence
        self.looksAtFirst = looksAtFirst
        batch = OutgoingBatch(keys: target.keys(job.client.keys))
    }

    /// Takes a message that is an argument.
    ///
    /// - Returns: False if it was passed over.
    /// - Throws: ``Failure`` if it is refused.
    mutating func take(argument: String, number: Int) throws -> Bool {
        var text = argument
        return try text.withUTF8 { try take($0, called: "argument \(number)", isArgument: true) }
    }

    /// Takes a message; a blank line is none.
    ///
    /// - Returns: False if it was passed over.
    /// - Throws: ``Failure`` if it is refused.
    mutating func take(
        _ text: UnsafeBufferPointer<UInt8>, called name: @autoclosure () -> String, isArgument: Bool = false
    ) throws -> Bool {
        let before = batch.count
        do {
            try job.format.append(text, to: &batch, placedBy: job.placement)
            if looksAtFirst, count == 0, batch.count > before {
                job.format.noteRecord(in: text, called: name(), console)
            }
            if isArgument, batch.count == before { throw BlankMessage() }
        } catch {
            var failure = Failure(
                message: name(), error, argument: isArgument ? String(decoding: text, as: UTF8.self) : nil)
            guard job.invalidLines == .skip else {
                if let consequence {
                    failure.hint = error is InvisibleText ? failure.hint.map { "\($0); \(consequence)" } : consequence
                }
                throw failure
            }
            skipped += 1
            console.note(failure.message)
            return false
        }
        count += batch.count - before
        return true
    }
}
