import Synchronization

/// The dispositions of signals in this process.
package enum Signals {
    /// The signals that this process itself ignores.
    private static let ignored = Mutex<Set<Int32>>([])

    /// Returns whether a signal is ignored, by this process or by the one that started it.
    package static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        guard sigaction(number, nil, &action) == 0 else { return false }
        #if canImport(Glibc)
        let handler = action.__sigaction_handler.sa_handler
        #elseif canImport(Musl)
        let handler = action.__sa_handler.sa_handler
        #else
        let handler = action.__sigaction_u.__sa_handler
        #endif
        return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    /// Ignores a signal; started programs get it all the same, unless this process was started with it ignored.
    package static func ignore(_ number: Int32) {
        guard !isIgnored(number) else { return }
        signal(number, SIG_IGN)
        ignored.withLock { _ = $0.insert(number) }
    }

    /// The signals that a started program is to have with their default action.
    ///
    /// A signal with a handler gets it by itself.
    static var resetInPrograms: Set<Int32> { ignored.withLock { $0 } }
}
