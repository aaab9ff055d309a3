import Metrics
import RedstreamConnection

/// A pass over one stream that is under way, beside those over others.
struct PartialTrim: Sendable {
    let target: Trimmer.Target
    let lease: Lease
    /// True if the bounds are to be read: at first, and when a consumer has begun since.
    private(set) var needsBounds = true
    private var hasTakenAbsent = false
    private var bounds = Trimmer.Bounds(now: 0)
    private var stages: ArraySlice<StreamID> = []
    private var report: TrimReport
    /// The error that has ended the pass.
    private var failure: (any Error)?

    init(of target: Trimmer.Target, under lease: Lease) {
        self.target = target
        self.lease = lease
        report = TrimReport(stream: target.stream)
    }

    /// Takes the bounds that were read.
    mutating func take(_ bounds: Result<Trimmer.Bounds, any Error>) {
        needsBounds = false
        do {
            self.bounds = try bounds.get()
        } catch {
            failure = error
        }
        stages = self.bounds.stages[...]
        if report.removed == 0 { report.skipped = self.bounds.skipped }
    }

    /// Returns the consumers that are registered and have no offset, once: the bounds are to be read again then.
    mutating func takeAbsent() -> (consumers: [ConsumerName], time: UInt64)? {
        guard !hasTakenAbsent, failure == nil, !bounds.absent.isEmpty else { return nil }
        hasTakenAbsent = true
        needsBounds = true
        return (bounds.absent, bounds.now)
    }

    /// The bound of the stage under way; nil if nothing is left to do.
    var stage: StreamID? { failure == nil && !needsBounds ? stages.first : nil }

    /// True if a step was made, or none was needed.
    var hasBegun: Bool {
        report.removed > 0 || failure != nil || !needsBounds && (stages.isEmpty || stages.count < bounds.stages.count)
    }

    /// The nodes that the next step removes, and what a step costs beside that, in nodes.
    var stepCost: Int { min(bounds.nodeCount, TrimStep.nodeLimit) + 50 }

    /// The report; the error that has ended the pass, if one has.
    var outcome: Result<TrimReport, any Error> {
        if let failure { return .failure(failure) }
        var report = report
        report.finish(bounds)
        return .success(report)
    }

    /// Returns the call of the next step; nil if nothing is left to do.
    func step(for client: StreamClient) -> KeyCommand? {
        stage.map { TrimStep.call(for: client, stream: target.stream, lease: lease, firstKept: $0, bounds: bounds) }
    }

    /// Takes the answer to a step.
    ///
    /// - Returns: The number of entries that it has removed.
    mutating func take(_ reply: RedisReply) -> Int {
        do {
            guard let stage else { return 0 }
            guard let step = try TrimStep.result(of: reply) else {
                needsBounds = true
                return 0
            }
            Counter(label: "redstream_messages_trimmed_total", dimensions: [("stream", report.stream)])
                .increment(by: step.removed)
            report.add(step.removed, below: stage, bounds: bounds)
            report.lastRemoved = step.last ?? report.lastRemoved
            if !step.more { stages.removeFirst() }
            return step.removed
        } catch {
            failure = error
            return 0
        }
    }
}

extension TrimReport {
    /// Adds entries that were removed in the stage that ends at `stage`: unread by every consumer before it.
    mutating func add(_ count: Int, below stage: StreamID, bounds: Trimmer.Bounds) {
        guard count > 0 else { return }
        removed += count
        for (name, offset) in bounds.offsets where (offset.successor ?? .max) < stage {
            unread[name.text, default: 0] += count
        }
    }

    /// Adds what follows from the bounds once everything is removed.
    mutating func finish(_ bounds: Trimmer.Bounds) {
        if removed == 0 { heldBack = bounds.heldBack }
        age = lastRemoved.map {
            .milliseconds(bounds.now > $0.milliseconds ? Int64(bounds.now - $0.milliseconds) : 0)
        }
    }
}
