import RedstreamSystem

/// Connects to the first of several addresses that answers.
///
/// The addresses are tried in their order, the families in turn. The next one is tried when one fails, or after a quarter
/// of a second beside it, so that one that does not answer costs little of the time.
struct SocketConnector {
    private struct Attempt {
        let address: SocketAddress
        let descriptor: Int32
    }

    private static let interval = Duration.milliseconds(250)

    private let server: String
    private let deadline: Deadline
    private let interrupter: Interrupter
    private var waiting: ArraySlice<SocketAddress>
    private var attempts: [Attempt] = []
    private var failures: [(address: SocketAddress, code: Int32)] = []
    /// The moment at which the next address is tried beside those under way.
    private var nextStart = ContinuousClock.now

    /// Connects.
    ///
    /// - Parameters:
    ///   - addresses: The addresses, the best one first.
    ///   - server: The server's name, for errors.
    ///   - deadline: The end of all attempts.
    ///   - interrupter: Ends all attempts early.
    /// - Returns: A connected socket that does not block, registered with the interrupter.
    /// - Throws: ``RedisError`` of kind `connectFailed` or `cancelled`.
    static func connect(
        to addresses: [SocketAddress], of server: String, by deadline: Deadline, interrupter: Interrupter
    ) throws(RedisError) -> Int32 {
        var connector = SocketConnector(
            server: server, deadline: deadline, interrupter: interrupter, waiting: addresses.interleaved[...])
        defer { connector.giveUp() }
        return try connector.connect()
    }

    private init(
        server: String, deadline: Deadline, interrupter: Interrupter, waiting: ArraySlice<SocketAddress>
    ) {
        self.server = server
        self.deadline = deadline
        self.interrupter = interrupter
        self.waiting = waiting
    }

    private mutating func connect() throws(RedisError) -> Int32 {
        while true {
            if let next = waiting.first, attempts.isEmpty || ContinuousClock.now >= nextStart {
                waiting.removeFirst()
                nextStart = .now.advanced(by: min(Self.interval, deadline.remaining / (waiting.count + 2)))
                if let connected = begin(next) { return connected }
            }
            if interrupter.wasInterrupted { throw failure(.cancelled, .cancelled) }
            guard !attempts.isEmpty || !waiting.isEmpty else { throw failure(.connectFailed, cause) }
            guard !deadline.hasPassed else {
                for attempt in attempts { failures.append((attempt.address, ETIMEDOUT)) }
                throw failure(.connectFailed, cause)
            }
            if !attempts.isEmpty, let connected = wait() { return connected }
        }
    }

    /// Starts an attempt; returns the socket if it is connected at once.
    private mutating func begin(_ address: SocketAddress) -> Int32? {
        let descriptor: Int32
        do throws(SystemError) {
            // Every wait is bounded by poll(2).
            descriptor = try Descriptor.socket(family: address.family)
        } catch {
            failures.append((address, error.code))
            return nil
        }
        interrupter.add(descriptor)
        let attempt = Attempt(address: address, descriptor: descriptor)
        while true {
            if address.withPointer({ systemConnect(descriptor, $0, $1) }) == 0 { return descriptor }
            switch errno {
            case EINTR: continue
            case EINPROGRESS, EALREADY:
                attempts.append(attempt)
                return nil
            // A Unix socket whose queue is full; poll(2) does not tell when there is room.
            case EAGAIN where !deadline.hasPassed && !interrupter.wasInterrupted: usleep(5000)
            case EAGAIN: return failed(attempt, ETIMEDOUT)
            case EISCONN: return descriptor
            case let code: return failed(attempt, code)
            }
        }
    }

    /// Waits for the attempts under way; returns the socket of the first that is connected.
    private mutating func wait() -> Int32? {
        var items = attempts.map { pollfd(fd: $0.descriptor, events: Int16(POLLOUT), revents: 0) }
        let pause = waiting.isEmpty ? deadline.remaining : max(.zero, ContinuousClock.now.duration(to: nextStart))
        let limit = Deadline(in: min(deadline.remaining, pause))
        guard poll(&items, nfds_t(items.count), limit.pollTimeout) > 0 else { return nil }
        for (attempt, item) in zip(attempts, items) where item.revents != 0 {
            attempts.removeAll { $0.descriptor == attempt.descriptor }
            let code = pendingError(of: attempt.descriptor)
            if code == 0, !interrupter.wasInterrupted { return attempt.descriptor }
            _ = failed(attempt, code)
        }
        return nil
    }

    private func pendingError(of descriptor: Int32) -> Int32 {
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length) == 0 ? code : errno
    }

    private mutating func failed(_ attempt: Attempt, _ code: Int32) -> Int32? {
        failures.append((attempt.address, code))
        nextStart = .now
        close(attempt)
        return nil
    }

    private mutating func giveUp() {
        for attempt in attempts { close(attempt) }
        attempts = []
    }

    private func close(_ attempt: Attempt) {
        interrupter.forget(attempt.descriptor)
        systemClose(attempt.descriptor)
    }

    /// The cause of all failures: one if the addresses agree.
    private var cause: RedisError.Cause {
        // An address of a family that this machine does not have says nothing about the server.
        let useless = [EAFNOSUPPORT, EADDRNOTAVAIL, ENETUNREACH]
        let telling = failures.filter { !useless.contains($0.code) }
        let failures = telling.isEmpty ? failures : telling
        guard let first = failures.first, failures.contains(where: { $0.code != first.code }) else {
            return .init(errno: failures.first?.code ?? EADDRNOTAVAIL)
        }
        return .addressesFailed(failures.map { .init(address: $0.address.ip ?? server, code: $0.code) })
    }

    private func failure(_ kind: RedisError.Kind, _ cause: RedisError.Cause) -> RedisError {
        RedisError(kind, address: server, cause: cause)
    }
}

private func systemConnect(_ descriptor: Int32, _ address: UnsafePointer<sockaddr>, _ length: socklen_t) -> Int32 {
    connect(descriptor, address, length)
}

private func systemClose(_ descriptor: Int32) {
    close(descriptor)
}

/// Opens a socket to a server: resolves its name, and connects to one of its addresses.
struct Dialer {
    let endpoint: Endpoint
    let resolver: HostResolver
    let deadline: Deadline
    let interrupter: Interrupter

    /// Connects.
    ///
    /// - Returns: A connected socket that does not block, registered with the interrupter.
    /// - Throws: ``RedisError`` of kind `connectFailed` or `cancelled`.
    func connect() throws(RedisError) -> Int32 {
        let descriptor = try SocketConnector.connect(
            to: addresses(), of: endpoint.description, by: deadline, interrupter: interrupter)
        if case .host = endpoint { Descriptor.setInteractive(descriptor) }
        return descriptor
    }

    private func addresses() throws(RedisError) -> [SocketAddress] {
        switch endpoint {
        case .socket(let path):
            guard let address = SocketAddress(path: path) else { throw failure(.system(ENAMETOOLONG)) }
            return [address]
        case .host(let host):
            do throws(HostResolver.Failure) {
                let addresses = try resolver.addresses(of: host, by: deadline, interrupter: interrupter)
                if let addresses, !addresses.isEmpty { return addresses }
                guard addresses == nil else { throw HostResolver.Failure("it has no address") }
            } catch {
                throw failure(error.cause)
            }
            guard !interrupter.wasInterrupted else {
                throw RedisError(.cancelled, address: endpoint.description, cause: .cancelled)
            }
            throw failure(.hostUnresolved(SystemError.text(of: ETIMEDOUT)))
        }
    }

    private func failure(_ cause: RedisError.Cause) -> RedisError {
        RedisError(.connectFailed, address: endpoint.description, cause: cause)
    }
}
