import Synchronization

/// The child processes of this process: those that it has started, and orphans that the system gave it.
package enum Children {
    private static let started = Mutex<Set<pid_t>>([])

    /// Starts a program.
    ///
    /// - Returns: Its process id.
    /// - Throws: ``SystemError`` if it did not start.
    static func start(_ launch: Launch) throws(SystemError) -> pid_t {
        // A program that ends at once is not taken for an orphan.
        try started.withLock { started throws(SystemError) in
            let processID = try launch.spawn()
            started.insert(processID)
            return processID
        }
    }

    /// Takes the news of a program, and forgets one that has ended.
    ///
    /// - Returns: True if there were any; `status` is what waitpid(2) says then.
    static func reap(_ processID: pid_t, _ status: inout Int32) -> Bool {
        guard waitpid(processID, &status, WNOHANG | WUNTRACED) == processID else { return false }
        if status & 0xff != 0x7f { started.withLock { _ = $0.remove(processID) } }
        return true
    }

    /// Reaps orphans for as long as this process lives, if it is process 1: the system gives it all processes that have
    /// lost their parent, and they stay zombies until it reaps them.
    package static func reapOrphans() {
        guard getpid() == 1 else { return }
        // Without a thread they stay, which harms nobody soon.
        try? startThread {
            while true { reapOrphan() }
        }
    }

    private static func reapOrphan() {
        var information = siginfo_t()
        guard waitid(P_ALL, 0, &information, WEXITED | WNOWAIT) == 0 else {
            // There are no children now.
            _ = poll(nil, 0, 1000)
            return
        }
        #if canImport(Darwin)
        let processID = information.si_pid
        #else
        let processID = information._sifields._sigchld.si_pid
        #endif
        if started.withLock({ $0.contains(processID) }) {
            // The thread that started it reaps it in a moment, and takes its status.
            _ = poll(nil, 0, 10)
        } else {
            waitpid(processID, nil, WNOHANG)
        }
    }
}
