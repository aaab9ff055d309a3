/// Calls of the system on open files, pipes and sockets, which are begun again after a signal.
package enum Descriptor {
    /// Opens a pipe that no started program inherits.
    ///
    /// - Throws: ``SystemError``, such as for a process that has no descriptors left.
    package static func pipe() throws(SystemError) -> (readEnd: Int32, writeEnd: Int32) {
        var ends: [Int32] = [-1, -1]
        try Resources.requireDescriptors(2)
        guard systemPipe(&ends) == 0 else { throw SystemError("cannot open a pipe") }
        for end in ends { setCloseOnExec(end) }
        return (ends[0], ends[1])
    }

    /// Opens a pair of connected local sockets that no started program inherits.
    ///
    /// - Throws: ``SystemError``.
    package static func socketPair() throws(SystemError) -> (Int32, Int32) {
        var pair: [Int32] = [-1, -1]
        try Resources.requireDescriptors(2)
        guard socketpair(AF_UNIX, streamSocket, 0, &pair) == 0 else {
            throw SystemError("cannot open a pair of sockets")
        }
        for end in pair { setCloseOnExec(end) }
        return (pair[0], pair[1])
    }

    /// Keeps started programs from inheriting a descriptor.
    package static func setCloseOnExec(_ descriptor: Int32) {
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    /// Makes calls on a descriptor return at once where they would wait.
    package static func setNonBlocking(_ descriptor: Int32) {
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    }

    /// The event that ended a wait.
    package enum Event: Sendable {
        case ready(Int16)
        case timedOut
        case woken

        /// True if something has happened to the descriptor.
        package var isReady: Bool { if case .ready = self { true } else { false } }
    }

    /// Waits until something happens to a descriptor.
    ///
    /// - Parameters:
    ///   - descriptor: The descriptor.
    ///   - events: The events to wait for, as poll(2) takes them; errors and hang-ups are always waited for.
    ///   - waker: A descriptor that ends the wait when there is something to read.
    ///   - timeout: Milliseconds, or -1 for ever.
    /// - Returns: The first event.
    package static func wait(
        for descriptor: Int32, _ events: Int32, or waker: Int32 = -1, timeout: Int32 = -1
    ) -> Event {
        // A negative descriptor is passed over.
        var items = [
            pollfd(fd: descriptor, events: Int16(events), revents: 0),
            pollfd(fd: waker, events: Int16(POLLIN), revents: 0),
        ]
        while true {
            let count = poll(&items, 2, timeout)
            if count < 0, errno == EINTR { continue }
            if items[1].revents != 0 { return .woken }
            // The caller meets the error when it reads or writes; as a timeout it would be waited for again and again.
            if count < 0 { return .ready(Int16(POLLERR)) }
            return count > 0 ? .ready(items[0].revents) : .timedOut
        }
    }

    /// Reads once.
    ///
    /// - Returns: The number of bytes; 0 at the end.
    /// - Throws: ``SystemError``, with `EAGAIN` if a non-blocking descriptor has nothing now.
    package static func read(
        from descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer
    ) throws(SystemError) -> Int {
        while true {
            let count = systemRead(descriptor, buffer.baseAddress, buffer.count)
            if count >= 0 { return count }
            guard errno == EINTR else { throw SystemError("cannot read") }
        }
    }

    /// Reads once, no more than so many bytes; none at the end.
    ///
    /// - Throws: ``SystemError``, with `EAGAIN` if a non-blocking descriptor has nothing now.
    package static func read(from descriptor: Int32, atMost size: Int) throws(SystemError) -> [UInt8] {
        var outcome = Result<Int, SystemError>.success(0)
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            outcome = Result { () throws(SystemError) in
                try read(from: descriptor, into: UnsafeMutableRawBufferPointer(buffer))
            }
            if case .success(let read) = outcome { count = read }
        }
        _ = try outcome.get()
        return bytes
    }

    /// Writes once.
    ///
    /// - Returns: The number of bytes that the system took.
    /// - Throws: ``SystemError``, with `EAGAIN` if a non-blocking descriptor takes nothing now.
    package static func write(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) throws(SystemError) -> Int {
        while true {
            let count = bytes.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 { return count }
            guard errno == EINTR else { throw SystemError("cannot write") }
        }
    }

    /// Writes all bytes, and blocks until the system has taken them.
    ///
    /// - Throws: ``SystemError``.
    package static func writeAll(_ bytes: [UInt8], to descriptor: Int32) throws(SystemError) {
        var written = 0
        while written < bytes.count {
            do throws(SystemError) {
                written += try write(bytes[written...], to: descriptor)
            } catch {
                guard error.code == EAGAIN else { throw error }
                _ = wait(for: descriptor, POLLOUT)
            }
        }
    }

    #if canImport(Glibc)
    /// The kind of sockets that carry a stream of bytes, as the system's functions take it.
    package static let streamSocket = Int32(SOCK_STREAM.rawValue)
    #else
    /// The kind of sockets that carry a stream of bytes, as the system's functions take it.
    package static let streamSocket = SOCK_STREAM
    #endif

    #if canImport(Darwin)
    private static let keepAliveTime = TCP_KEEPALIVE
    #else
    private static let keepAliveTime = TCP_KEEPIDLE
    #endif

    /// Opens a socket for a stream of bytes, whose calls do not block, and which no started program inherits.
    ///
    /// - Throws: ``SystemError``, such as for an address family that the system does not have.
    package static func socket(family: Int32) throws(SystemError) -> Int32 {
        try Resources.requireDescriptors(1)
        let descriptor = systemSocket(family, streamSocket, 0)
        guard descriptor >= 0 else { throw SystemError("cannot open a socket") }
        setNonBlocking(descriptor)
        setCloseOnExec(descriptor)
        return descriptor
    }

    /// Makes a TCP socket send small messages at once, and notice within half a minute that its peer is gone while nothing
    /// is sent.
    package static func setInteractive(_ descriptor: Int32) {
        let options = [
            (Int32(IPPROTO_TCP), TCP_NODELAY, 1), (SOL_SOCKET, SO_KEEPALIVE, 1),
            (Int32(IPPROTO_TCP), keepAliveTime, 15), (Int32(IPPROTO_TCP), TCP_KEEPINTVL, 5),
            (Int32(IPPROTO_TCP), TCP_KEEPCNT, 3),
        ]
        for (level, option, value) in options {
            var value = Int32(value)
            _ = setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
        }
    }
}

// Under names that the functions above do not hide.
private func systemPipe(_ ends: UnsafeMutablePointer<Int32>) -> Int32 {
    pipe(ends)
}
private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer?, _ count: Int) -> Int {
    read(descriptor, buffer, count)
}
private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, bytes, count)
}
private func systemSocket(_ family: Int32, _ kind: Int32, _ number: Int32) -> Int32 {
    socket(family, kind, number)
}
