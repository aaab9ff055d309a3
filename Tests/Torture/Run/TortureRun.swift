import FoundationEssentials
import Redstream
import RedstreamConnection
import TestSupport

/// A run: processes of the built tool do their work for a while, faults befall them, and what they leave is judged.
package struct TortureRun: Sendable {
    /// The options of a run.
    package struct Options: Sendable {
        /// The time of the faults; starting and finishing come on top.
        package var time: Duration
        /// The seed of the choice of faults.
        package var seed: UInt64
        package var deployment: DeploymentKind
        /// The folder of the history, which must exist.
        package var folder: String
        /// The streams; each has its consumers and producers.
        package var streams: [String]
        /// The number of messages that each producer is given in a second.
        package var rate: Double
        /// The means by which acknowledged messages survive the loss of a primary.
        package var safety = Safety.wait
        /// The rounds instead of those that the seed chooses; they end the run, and the time does not.
        package var rounds: [Plan.Round]?
        /// True if handlers fail and dawdle at times.
        package var hasMoods = true

        /// Creates options.
        package init(
            time: Duration, seed: UInt64, deployment: DeploymentKind, folder: String,
            streams: [String]? = nil, rate: Double = 60
        ) {
            self.time = time
            self.seed = seed
            self.deployment = deployment
            self.folder = folder
            self.streams = streams ?? deployment.streams
            self.rate = rate
        }
    }

    private let options: Options
    private let cast: Cast
    private let progress: @Sendable (String) -> Void

    /// Prepares a run.
    ///
    /// - Parameters:
    ///   - options: What it is to be.
    ///   - progress: Is told how it goes, a line at a time.
    package init(_ options: Options, progress: @escaping @Sendable (String) -> Void) {
        self.options = options
        self.progress = progress
        cast = Cast(streams: options.streams, instances: 2, producers: options.streams.count)
    }

    /// Carries it out.
    ///
    /// - Returns: What was recorded.
    /// - Throws: What keeps it from being carried out or recorded, which says nothing about the tool.
    package func history() async throws -> History {
        let journal = try Journal(cast: cast, folder: options.folder)
        try BatchFiles.handler(hasMoods: options.hasMoods).write(
            toFile: "\(options.folder)/handler", atomically: false, encoding: .utf8)
        let deployment = try await options.deployment.start(options.safety)
        let stage = try Stage(cast, journal: journal, deployment: deployment, rate: options.rate)
        let probe = try Probe(journal, server: deployment.probed) { deployment.processIDs + stage.delayerProcessIDs }
        defer { probe.stop() }
        do {
            try await stage.perform { try await storm(stage, deployment, journal) }
        } catch {
            try? deployment.keep(in: options.folder)
            throw error
        }
        probe.stop()
        try await deployment.stop()
        try deployment.archive()
        try? deployment.keep(in: options.folder)
        progress("reading what was recorded")
        let segments = try deployment.segments(for: cast)
        var batches: [ConsumerName: [History.Batch]] = [:]
        for consumer in cast.consumers { batches[consumer] = try BatchFiles.batches(of: consumer, in: options.folder) }
        journal.change {
            $0.segments = segments
            $0.batches = batches
            $0.produced = stage.produced
        }
        return journal.history
    }

    /// One round after the other until the time is over.
    private func storm(_ stage: Stage, _ deployment: any Deployment, _ journal: Journal) async throws {
        let runner = FaultRunner(
            instances: stage.instances, weathers: stage.weathers, deployment: deployment, journal: journal)
        let start = ContinuousClock.now
        try await stage.settle()
        journal.settled()
        let chosen = Plan(seed: options.seed, roles: cast.roles, kinds: deployment.faults)
        for round in options.rounds.map(AnySequence.init) ?? AnySequence(chosen) {
            guard options.rounds != nil || start.duration(to: .now) < options.time else { break }
            try deployment.archive()
            try await runner.run(round)
            for weather in stage.weathers.values { weather.clear() }
            let ended = ContinuousClock.now
            let missing = try await stage.settle()
            journal.settled()
            let faults = round.steps.map(\.fault.description).joined(separator: ", ")
            let waited = "\(ended.duration(to: .now).milliseconds) ms"
            let state = missing.map { "not in order after \(waited): \($0)" } ?? "in order again after \(waited)"
            progress(
                "\(start.duration(to: .now).text) round \(round.number): \(faults); \(state); \(stage.acknowledgedCount) acknowledged"
            )
        }
        try await deployment.recover()
        try deployment.archive()
    }
}

extension Duration {
    /// Minutes and seconds, as in `3:07`.
    var text: String {
        let seconds = milliseconds / 1000
        return "\(seconds / 60):\(seconds % 60 < 10 ? "0" : "")\(seconds % 60)"
    }
}
