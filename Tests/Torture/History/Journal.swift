import FoundationEssentials
import Redstream
import RedstreamConnection
import Synchronization
import TestSupport

/// Records a run while it goes on, from many tasks.
final class Journal: Sendable {
    /// The folder of the records of handlers, processes and servers.
    let folder: String
    private let state: Mutex<History>

    init(cast: Cast, folder: String) throws {
        self.folder = folder
        state = Mutex(History(cast: cast))
        for name in ["batches", "lines", "processes"] {
            try FileManager.default.createDirectory(
                atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
        }
    }

    /// The history so far.
    var history: History { state.withLock { $0 } }

    func change(_ body: (inout History) -> Void) {
        state.withLock { body(&$0) }
    }

    func started(_ name: String, role: String, processID: Int32, at time: UInt64) {
        change {
            $0.processes.append(.init(name: name, role: role, processID: processID, start: time))
        }
    }

    func ended(_ name: String, _ exit: ChildProcess.Exit, errors: String) {
        let exit: History.Exit =
            switch exit {
            case .status(let status): .status(status)
            case .signal(let signal): .signal(signal)
            }
        update(name) {
            $0.end = WallClock.now
            $0.exit = exit
        }
        try? errors.write(toFile: "\(folder)/processes/\(name)", atomically: false, encoding: .utf8)
    }

    func signalled(_ name: String, isKill: Bool) {
        update(name) { $0.signals.append(.init(isKill: isKill, time: WallClock.now)) }
    }

    func observed(_ invariant: Invariant, _ text: String) {
        change { $0.observations.append(Violation(invariant, text)) }
    }

    /// Notes a fault, which lasts until all have settled.
    func disturbed(_ kind: Fault.Kind, _ text: String, process: String?, isClean: Bool) {
        change {
            $0.disturbances.append(
                .init(kind: kind, text: text, process: process, span: Span(WallClock.now, .max), isClean: isClean))
        }
    }

    /// Notes that whatever was disturbed is in order again.
    func settled() {
        let now = WallClock.now
        change { history in
            for place in history.disturbances.indices.reversed() {
                guard history.disturbances[place].span.end == .max else { break }
                history.disturbances[place].span.end = now
            }
        }
    }

    private func update(_ name: String, _ body: (inout History.Process) -> Void) {
        change { history in
            if let place = history.processes.lastIndex(where: { $0.name == name }) { body(&history.processes[place]) }
        }
    }
}

/// The clock that servers on this machine go by.
enum WallClock {
    /// Milliseconds since 1970.
    static var now: UInt64 { UInt64(Date().timeIntervalSince1970 * 1000) }
}
