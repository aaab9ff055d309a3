import Redstream
import Synchronization
import TestSupport

/// Gives a producer its messages, and remembers which were acknowledged: those whose ids it has printed.
///
/// After the end of a process, the next one is given again what was not acknowledged, in order, as a careful
/// application would.
final class Feeder: Sendable {
    private struct State {
        var messages: [History.Produced] = []
        /// The messages before this one are acknowledged.
        var acknowledged = 0
        var isEnding = false
    }

    /// The most messages that may be on their way.
    private static let window = 500

    private let role: Role
    private let stream: String
    private let isDelayed: Bool
    private let rate: Double
    private let state = Mutex(State())

    /// Feeds the producers of a role, with so many messages in a second; nil for a role that produces nothing.
    init?(_ role: Role, rate: Double) {
        guard case .produce(let stream, let isDelayed) = role.work else { return nil }
        (self.role, self.stream, self.isDelayed, self.rate) = (role, stream, isDelayed, rate)
    }

    /// The messages that were given so far.
    var messages: [History.Produced] { state.withLock { $0.messages } }
    /// The number of them that were acknowledged.
    var acknowledgedCount: Int { state.withLock { $0.acknowledged } }
    /// True if everything was acknowledged, and nothing more will come.
    var isDone: Bool { state.withLock { $0.isEnding && $0.acknowledged == $0.messages.count } }

    /// Gives no further messages; the producer ends once it has acknowledged all.
    func end() {
        state.withLock { $0.isEnding = true }
    }

    /// Gives messages to a process for as long as it runs.
    func feed(_ process: ToolProcess) async throws {
        var sent = acknowledgedCount
        var allowance = 0.0
        var last = ContinuousClock.now
        while process.exit == nil {
            take(process.takeLines())
            let now = ContinuousClock.now
            allowance = min(allowance + rate * (last.duration(to: now) / .seconds(1)), rate)
            last = now
            let lines = state.withLock { state in
                while allowance >= 1, !state.isEnding, state.messages.count - state.acknowledged < Self.window {
                    state.messages.append(message(state.messages.count + 1))
                    allowance -= 1
                }
                defer { sent = state.messages.count }
                return state.messages[sent...].map { $0.payload + "\n" }.joined()
            }
            if !lines.isEmpty { process.write(lines) }
            if isDone { process.closeInput() }
            try await Task.sleep(for: .milliseconds(15))
        }
    }

    /// Takes ids as a producer prints them, one for each message, in order.
    func take(_ lines: [String]) {
        state.withLock { state in
            for line in lines where state.acknowledged < state.messages.count {
                state.messages[state.acknowledged].id = StreamID(line)
                state.acknowledged += 1
            }
        }
    }

    private func message(_ number: Int) -> History.Produced {
        let poison = number % 997 == 0 ? #","poison":true"# : ""
        return History.Produced(
            stream: stream, isDelayed: isDelayed, producer: role.name, number: number,
            payload: #"{"p":"\#(role.name)","n":\#(number)\#(poison)}"#)
    }
}
