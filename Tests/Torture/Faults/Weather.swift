import RedstreamConnection
import Synchronization
import TestSupport

/// The faults of the connections of one process: the judge of its proxy.
final class Weather: Sendable {
    private struct State {
        var cutsNext = false
        var truncation: Int?
        var delay = Duration.zero
        var delayEnd = ContinuousClock.now
    }

    private let state = Mutex(State())
    private let proxy = Mutex<RedisProxy?>(nil)

    /// Puts a proxy before a server, and returns how to reach it through that.
    func stand(before server: RedisServer) throws -> String {
        let proxy = try RedisProxy(server) { [weak self] in self?.judge($0) ?? .pass }
        self.proxy.withLock { $0 = proxy }
        return "unix://\(proxy.configuration.address)"
    }

    /// Cuts the connection over which the next bytes pass, either way.
    func cutNext() {
        state.withLock { $0.cutsNext = true }
    }

    /// Lets only so many bytes of the next reply pass.
    func truncateNextReply(to bytes: Int) {
        state.withLock { $0.truncation = bytes }
    }

    /// Holds back every chunk of replies for a while.
    func delayReplies(by delay: Duration, for duration: Duration) {
        state.withLock { ($0.delay, $0.delayEnd) = (delay, .now.advanced(by: duration)) }
    }

    /// Forgets what has not come to pass.
    func clear() {
        state.withLock { $0 = State() }
    }

    private func judge(_ traffic: RedisProxy.Traffic) -> RedisProxy.Action {
        let (action, delay) = state.withLock { state -> (RedisProxy.Action, Duration) in
            if state.cutsNext {
                state.cutsNext = false
                return (.cut, .zero)
            }
            guard case .replies = traffic else { return (.pass, .zero) }
            if let bytes = state.truncation.take() { return (.truncate(bytes), .zero) }
            return (.pass, state.delayEnd > .now ? state.delay : .zero)
        }
        if delay > .zero { sleepOnThread(for: delay) }
        return action
    }
}
