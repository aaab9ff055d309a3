/// The descriptors and threads that the system has left for this process.
///
/// The Swift runtime ends the process if it gets no descriptor for itself, and NIO if it gets no thread. Both are
/// asked for beforehand, and our own calls leave a few descriptors to the runtime.
package enum Resources {
    /// The number of descriptors that are left to the runtime.
    package static let reserve = 6

    /// Checks that so many descriptors can be opened, besides the reserve.
    ///
    /// - Throws: ``SystemError`` with `EMFILE`.
    package static func requireDescriptors(_ count: Int) throws(SystemError) {
        // The system gives out the lowest free number.
        let first = lowestFreeDescriptor()
        guard first >= 0 else {
            // Where no socket may be opened at all, nothing is known.
            guard [EMFILE, ENFILE].contains(errno) else { return }
            throw SystemError("cannot open another file")
        }
        var free = 0
        // Downwards: the highest numbers are free, nearly always.
        for number in (first..<Int32(clamping: max(openFilesLimit, Int(first)))).reversed()
        where fcntl(number, F_GETFD) == -1 {
            free += 1
            if free >= count + reserve { return }
        }
        throw SystemError("cannot open another file", code: EMFILE)
    }

    /// Checks that so many threads can run beside those that run: by the limits, and if they do not tell, by a try.
    ///
    /// - Throws: ``SystemError``.
    package static func requireThreads(_ count: Int) throws(SystemError) {
        guard !ThreadRoom(limit: threadLimit, text: text(of:)).isSure(of: count) else { return }
        var started: [(thread: pthread_t, queue: WorkQueue)] = []
        defer {
            for (_, queue) in started { queue.close() }
            // A thread counts until it has ended.
            for (thread, _) in started { pthread_join(thread, nil) }
        }
        for _ in 0..<count {
            let queue = WorkQueue()
            started.append((try createThread(isDetached: false) { queue.runUntilClosed() }, queue))
        }
    }

    /// Returns the text of a small file of the system; nil if it cannot be read.
    private static func text(of path: String) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = read(file, &bytes, bytes.count)
        return count < 0 ? nil : String(decoding: bytes[..<count], as: UTF8.self)
    }

    /// The number of files that may be open at once.
    package static var openFilesLimit: Int {
        #if canImport(Glibc)
        limit(of: Int32(RLIMIT_NOFILE.rawValue))
        #else
        limit(of: RLIMIT_NOFILE)
        #endif
    }

    /// The number of processes and threads that the user may have.
    package static var threadLimit: Int {
        #if canImport(Glibc)
        limit(of: Int32(__RLIMIT_NPROC.rawValue))
        #else
        limit(of: RLIMIT_NPROC)
        #endif
    }

    private static func limit(of resource: Int32) -> Int {
        var limits = rlimit()
        return getrlimit(resource, &limits) == 0 ? Int(clamping: limits.rlim_cur) : .max
    }

    private static func lowestFreeDescriptor() -> Int32 {
        #if canImport(Glibc)
        let number = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        #else
        let number = socket(AF_UNIX, SOCK_DGRAM, 0)
        #endif
        if number >= 0 { close(number) }
        return number
    }
}
