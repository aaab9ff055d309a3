import CHiredis
import RedstreamSystem

/// Owns one `redisContext`: its socket and its reply parser.
///
/// Synchronous, and used by one thread at a time.
///
/// hiredis opens the socket and parses replies. Bytes move by send(2) and recv(2) from here, because hiredis
/// writes without MSG_NOSIGNAL (a server that went away would end the program with SIGPIPE), reads 16 KiB at a
/// time, and knows one timeout for all commands, blocking ones included.
final class HiredisContext {
    let address: String
    let interrupter: SocketInterrupter
    /// What encrypts the connection, where something does.
    private let tunnel: TLSTunnel?
    private let context: UnsafeMutablePointer<redisContext>
    private let parser: ReplyParser
    private let input: UnsafeMutableRawBufferPointer
    private var descriptor: Int32 { context.pointee.fd }

    /// Opens a connection.
    ///
    /// - Parameters:
    ///   - configuration: The server; of a cluster, one of its nodes.
    ///   - interrupter: What is to wake whoever waits on the socket.
    /// - Throws: ``RedisError`` of kind `connectFailed`, or `tlsFailed`.
    init(
        _ configuration: RedisConfiguration, interrupter: SocketInterrupter = SocketInterrupter()
    ) throws(RedisError) {
        try Self.requireDescriptors(4, for: configuration)
        let configuration = try SentinelLocator.located(configuration)
        address = configuration.address.description
        tunnel = try Self.tunnel(configuration)
        context = try Self.connect(configuration, through: tunnel)
        self.interrupter = interrupter
        interrupter.add(context.pointee.fd)
        parser = ReplyParser(context.pointee.reader, address: address)
        input = .allocate(byteCount: 64 << 10, alignment: 16)
        // Every wait is bounded by poll(2), so the socket itself never blocks.
        Descriptor.setNonBlocking(descriptor)
        // A program that is started meanwhile would keep the connection open after its end here.
        Descriptor.setCloseOnExec(descriptor)
    }

    /// Checks that the runtime will be left with descriptors: it ends the process otherwise.
    ///
    /// A host's name takes some for a moment, and other threads connect at the same time.
    private static func requireDescriptors(_ count: Int, for configuration: RedisConfiguration) throws(RedisError) {
        do throws(SystemError) {
            try Resources.requireDescriptors(count)
        } catch {
            throw RedisError(error, connectingTo: configuration.address)
        }
    }

    deinit {
        interrupter.forget(descriptor)
        redisFree(context)
        input.deallocate()
    }

    /// Whether bytes, or the end of the connection, wait to be read.
    var hasInput: Bool {
        var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&item, 1, 0) != 0
    }

    /// Sends bytes, whole commands.
    func write(_ bytes: [UInt8], deadline: Deadline) throws(RedisError) {
        var deadline = deadline
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { bytes in
                let rest = UnsafeRawBufferPointer(rebasing: bytes[sent...])
                return send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
            }
            if count >= 0 {
                sent += count
                deadline.progressed()
            } else if errno == EAGAIN || errno == EWOULDBLOCK {
                try wait(for: Int16(POLLOUT), deadline: deadline)
            } else if errno != EINTR {
                throw broken(.system(errno))
            }
        }
    }

    /// Waits for that many replies.
    func read(replies count: Int, deadline: Deadline) throws(RedisError) -> RedisReplies {
        var deadline = deadline
        while parser.count < count {
            if try parser.parseOne() { continue }
            try fill(deadline: deadline)
            deadline.progressed()
        }
        return parser.take()
    }

    private func fill(deadline: Deadline) throws(RedisError) {
        while true {
            let count = recv(descriptor, input.baseAddress, input.count, 0)
            if count > 0 {
                return try parser.feed(UnsafeRawBufferPointer(rebasing: input[..<count]))
            } else if count == 0 {
                throw broken(.closedByServer)
            } else if errno == EAGAIN || errno == EWOULDBLOCK {
                try wait(for: Int16(POLLIN), deadline: deadline)
            } else if errno != EINTR {
                throw broken(.system(errno))
            }
        }
    }

    private func wait(for event: Int16, deadline: Deadline) throws(RedisError) {
        var item = pollfd(fd: descriptor, events: event, revents: 0)
        while true {
            let ready = poll(&item, 1, deadline.pollTimeout)
            if ready > 0 { return }
            if ready == 0 {
                guard deadline.hasPassed else { continue }
                throw RedisError(.timedOut, address: address, cause: .commandTimedOut)
            }
            guard errno == EINTR else { throw broken(.system(errno)) }
        }
    }

    private func broken(_ cause: RedisError.Cause) -> RedisError {
        if interrupter.wasInterrupted { return RedisError(.cancelled, address: address, cause: .cancelled) }
        if let cause = tunnel?.failureCause { return RedisError(.tlsFailed, address: address, cause: cause) }
        return RedisError(.connectionLost, address: address, cause: cause)
    }
}

extension HiredisContext {
    private static func tunnel(_ configuration: RedisConfiguration) throws(RedisError) -> TLSTunnel? {
        guard let settings = configuration.tls, case .tcp(let host, let port) = configuration.address else {
            return nil
        }
        return try TLSTunnel(host: host, port: port, settings: settings, timeout: configuration.connectTimeout)
    }

    private static func connect(
        _ configuration: RedisConfiguration, through tunnel: TLSTunnel?
    ) throws(RedisError) -> UnsafeMutablePointer<redisContext> {
        let address = configuration.address
        let (seconds, attoseconds) = max(configuration.connectTimeout, .milliseconds(1)).components
        let limit = timeval(tv_sec: Int(seconds), tv_usec: numericCast(attoseconds / 1_000_000_000_000))
        let opened =
            switch (tunnel, address) {
            case (let tunnel?, _): redisConnectFd(tunnel.descriptor)
            case (nil, .tcp(let host, let port)): redisConnectWithTimeout(host, Int32(port), limit)
            case (nil, .unix(let path)): redisConnectUnixWithTimeout(path, limit)
            case (nil, .sentinel): preconditionFailure("the sentinels were asked before")
            case (nil, .cluster): preconditionFailure("a connection goes to one node")
            }
        guard let opened else {
            throw RedisError(.connectFailed, address: address.description, cause: .system(ENOMEM))
        }
        guard opened.pointee.err == 0 else {
            defer { redisFree(opened) }
            let (code, words) = (errno, hiredisErrorText(in: opened.pointee.errstr))
            // hiredis calls the resolver's errors "other", and tells the system's in words only.
            let cause: RedisError.Cause =
                if opened.pointee.err == REDIS_ERR_OTHER { .hostUnresolved(words) } else {
                    words == SystemError.text(of: code) ? .init(errno: code) : .other(words)
                }
            throw RedisError(.connectFailed, address: address.description, cause: cause)
        }
        do throws(RedisError) {
            try requireDescriptors(0, for: configuration)
        } catch {
            redisFree(opened)
            throw error
        }
        // A connection that waits for minutes must notice a peer that is gone; hiredis probes every 15 s.
        if tunnel == nil, case .tcp = address { _ = redisEnableKeepAlive(opened) }
        return opened
    }
}
