import Redstream
import RedstreamConnection
import RedstreamSystem
import Synchronization
import TestSupport

/// One place of a role: a process, and after its end the next, as a supervisor would start it.
final class Instance: Sendable {
    private struct State {
        var process: ToolProcess?
        var name = ""
        var starts = 0
        var isFrozen = false
        /// True if the process was sent a signal that ends it.
        var isEnding = false
        var isStopping = false
    }

    let role: Role
    let number: Int
    private let journal: Journal
    private let environment: [String: String]
    private let arguments: [String]
    /// Feeds a producer; nil for the other roles.
    private let feeder: Feeder?
    private let state = Mutex(State())

    init(_ role: Role, number: Int, journal: Journal, deployment: any Deployment, weather: Weather, feeder: Feeder?)
        throws
    {
        self.role = role
        self.number = number
        self.journal = journal
        self.feeder = feeder
        environment = [
            "REDSTREAM_URL": try deployment.url(through: weather), "REDSTREAM_NAMESPACE": Cast.namespace,
            "TORTURE_FOLDER": journal.folder,
        ]
        arguments = role.arguments(
            of: number, handler: "/bin/sh \(journal.folder)/handler", producing: deployment.producerArguments)
    }

    /// The name of the process that runs now, or ran last.
    var processName: String { state.withLock { $0.name } }
    /// Its process id, where it runs, is not frozen, and nobody has asked it to end.
    var livingProcessID: Int32? {
        state.withLock { $0.isFrozen || $0.isEnding || $0.process?.exit != nil ? nil : $0.process?.processID }
    }

    /// Keeps a process running until ``stop()``, or until a producer's work is done.
    func run() async throws {
        while true {
            let isStopping = try state.withLock { state in
                guard !state.isStopping else { return true }
                state.starts += 1
                state.name = "\(role.name).\(number).\(state.starts)"
                state.isFrozen = false
                state.isEnding = false
                let variables = environment.merging(["TORTURE_PROCESS": state.name]) { $1 }
                let start = WallClock.now
                let process = try ToolProcess(
                    arguments, environment: variables, input: feeder == nil ? .nothing : .pipe)
                state.process = process
                journal.started(state.name, role: role.name, processID: process.processID, at: start)
                return false
            }
            guard !isStopping, let process = state.withLock({ $0.process }) else { return }
            if let feeder { try await feeder.feed(process) }
            while process.exit == nil { try await Task.sleep(for: .milliseconds(20)) }
            // A handler that outlives its process keeps the pipes open for a moment.
            _ = try? await process.result()
            feeder?.take(process.takeLines())
            if let exit = process.exit { journal.ended(processName, exit, errors: process.errorsSoFar) }
            if feeder?.isDone == true { return }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    /// Sends the process a signal that ends it, and notes so.
    func end(with signal: Int32) {
        let (process, name) = state.withLock { state in
            state.isEnding = true
            return (state.process, state.name)
        }
        guard let process, process.exit == nil else { return }
        journal.signalled(name, isKill: signal == SIGKILL)
        process.signal(signal)
    }

    /// Lets the process stand still for a while.
    func freeze(for duration: Duration) async throws {
        guard let process = state.withLock({ $0.process }) else { return }
        state.withLock { $0.isFrozen = true }
        process.signal(SIGSTOP)
        defer {
            process.signal(SIGCONT)
            state.withLock { if $0.process === process { $0.isFrozen = false } }
        }
        try await Task.sleep(for: duration)
    }

    /// Asks for a graceful stop; no other process follows.
    func stop() {
        state.withLock { $0.isStopping = true }
        end(with: SIGTERM)
    }
}
