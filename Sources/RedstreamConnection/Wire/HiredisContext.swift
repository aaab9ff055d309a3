import CHiredis
import RedstreamSystem

/// Owns one connection: its socket and its reply parser, in a `redisContext`.
///
/// Synchronous, and used by one thread at a time.
///
/// hiredis parses replies. Bytes move by send(2) and recv(2) from here, because hiredis writes without MSG_NOSIGNAL (a
/// server that went away would end the program with SIGPIPE), reads 16 KiB at a time, and knows one timeout for all
/// commands, blocking ones included.
final class HiredisContext {
    let address: String
    private let interrupter: Interrupter
    /// The encryption of the connection; nil for none.
    private let tunnel: TLSTunnel?
    private let context: UnsafeMutablePointer<redisContext>
    private let parser: ReplyParser
    private let input: UnsafeMutableRawBufferPointer
    private var descriptor: Int32 { context.pointee.fd }

    /// Connects to a server, and sends nothing yet.
    ///
    /// - Parameters:
    ///   - endpoint: The server.
    ///   - configuration: The resolver of names, and what TLS needs.
    ///   - deadline: The end of all attempts.
    ///   - interrupter: Ends the connection, and the opening of it, from any thread.
    /// - Throws: ``RedisError`` of kind `connectFailed`, `tlsFailed` or `cancelled`.
    init(
        connectingTo endpoint: Endpoint, _ configuration: RedisConfiguration, by deadline: Deadline,
        interrupter: Interrupter
    ) throws(RedisError) {
        address = endpoint.description
        self.interrupter = interrupter
        try Self.requireDescriptors(4, for: address)
        let dialer = Dialer(
            endpoint: endpoint, resolver: configuration.resolver, deadline: deadline, interrupter: interrupter)
        let descriptor: Int32
        if let settings = configuration.tls, case .host(let host) = endpoint {
            let tunnel = try TLSTunnel(
                to: host, settings: settings, by: deadline, interrupter: interrupter, connect: dialer.connect)
            self.tunnel = tunnel
            descriptor = tunnel.descriptor
        } else {
            tunnel = nil
            descriptor = try dialer.connect()
        }
        let context: UnsafeMutablePointer<redisContext>
        do throws(RedisError) {
            try Self.requireDescriptors(0, for: address)
            guard let created = redisConnectFd(descriptor) else {
                throw RedisError(.connectFailed, address: address, cause: .system(ENOMEM))
            }
            context = created
        } catch {
            interrupter.forget(descriptor)
            close(descriptor)
            throw error
        }
        self.context = context
        interrupter.add(descriptor)
        parser = ReplyParser(context.pointee.reader, address: address)
        input = .allocate(byteCount: 64 << 10, alignment: 16)
    }

    /// Checks that the runtime will be left with descriptors: it ends the process otherwise.
    ///
    /// A host's name takes some for a moment, and other threads connect at the same time.
    private static func requireDescriptors(_ count: Int, for address: String) throws(RedisError) {
        do throws(SystemError) {
            try Resources.requireDescriptors(count)
        } catch {
            throw RedisError(error, connectingTo: address)
        }
    }

    deinit {
        interrupter.forget(descriptor)
        redisFree(context)
        input.deallocate()
    }

    /// True if bytes, or the end of the connection, wait to be read.
    ///
    /// No server sends anything unasked: on an idle connection this is its end.
    var hasInput: Bool {
        var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&item, 1, 0) != 0
    }

    /// Sends a pipeline and waits for its replies.
    func exchange(_ pipeline: RedisPipeline, by deadline: Deadline) throws(RedisError) -> RedisReplies {
        try write(pipeline.bytes, deadline: deadline)
        return try read(replies: pipeline.count, deadline: deadline)
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
    /// Opens a connection that is ready for commands: the only place that does.
    ///
    /// - Parameters:
    ///   - endpoint: The server.
    ///   - configuration: The user, the database, and what TLS needs.
    ///   - name: The name that CLIENT LIST shows.
    ///   - deadline: The end of opening it: resolution of the name, TLS and handshake included.
    ///   - interrupter: Ends the connection, and the opening of it, from any thread.
    /// - Returns: The connection.
    /// - Throws: ``RedisError``, as `RedisConnection.connect` does.
    static func open(
        _ endpoint: Endpoint, _ configuration: RedisConfiguration, name: String, by deadline: Deadline,
        interrupter: Interrupter
    ) throws(RedisError) -> HiredisContext {
        let context = try HiredisContext(
            connectingTo: endpoint, configuration, by: deadline, interrupter: interrupter)
        try Handshake(configuration: configuration, name: name)
            .perform(on: context, by: deadline, interrupter: interrupter)
        return context
    }
}
