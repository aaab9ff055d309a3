import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Wakes whoever is blocked on a socket, from any thread, by shutting the socket down.
///
/// The descriptor is known here only while it is open: a number that was closed may be another file by now.
final class SocketInterrupter: Sendable {
    private struct State {
        var descriptor: Int32?
        var interrupted = false
    }

    private let state: Mutex<State>

    init(descriptor: Int32) {
        state = Mutex(State(descriptor: descriptor))
    }

    /// Whether ``interrupt()`` was called, and the connection is of no more use.
    var wasInterrupted: Bool { state.withLock { $0.interrupted } }

    /// Shuts the socket down.
    ///
    /// Whoever reads or writes sees its end at once.
    func interrupt() {
        state.withLock {
            $0.interrupted = true
            if let descriptor = $0.descriptor { _ = shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
    }

    /// Forgets the descriptor; called right before it is closed.
    func forget() {
        state.withLock { $0.descriptor = nil }
    }
}
