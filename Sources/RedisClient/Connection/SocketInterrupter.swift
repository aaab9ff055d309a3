import RedstreamSystem
import Synchronization

/// Wakes whoever is blocked on a socket, from any thread, by shutting the socket down.
///
/// A connection may have several sockets, one after the other or at once, as it follows its key through a cluster.
/// A descriptor is known here only while it is open: a number that was closed may be another file by now.
final class SocketInterrupter: Sendable {
    private struct State {
        var descriptors: Set<Int32> = []
        var interrupted = false
    }

    private let state = Mutex(State())

    init() {}

    /// Takes charge of a socket; it is shut down at once where that was asked for before.
    func add(_ descriptor: Int32) {
        state.withLock {
            $0.descriptors.insert(descriptor)
            if $0.interrupted { _ = shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
    }

    /// Whether ``interrupt()`` was called, and the connection is of no more use.
    var wasInterrupted: Bool { state.withLock { $0.interrupted } }

    /// Shuts the sockets down.
    ///
    /// Whoever reads or writes sees its end at once.
    func interrupt() {
        state.withLock {
            $0.interrupted = true
            for descriptor in $0.descriptors { _ = shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
    }

    /// Forgets a descriptor; called right before it is closed.
    func forget(_ descriptor: Int32) {
        state.withLock { _ = $0.descriptors.remove(descriptor) }
    }
}
