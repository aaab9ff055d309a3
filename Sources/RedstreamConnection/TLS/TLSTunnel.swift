#if TLS
import NIOCore
import NIOPosix
import NIOSSL
import RedstreamSystem
import Synchronization

/// An encrypted connection that looks like a plain one: a pair of local sockets, with TLS behind one of them.
///
/// hiredis 0.14 knows no TLS. It gets the near socket, and reads and writes there as it always does; a thread that all
/// tunnels share encrypts, decrypts and passes on, no faster than the slower side takes it.
final class TLSTunnel: Sendable {
    /// hiredis's end, which belongs to hiredis from then on.
    let descriptor: Int32
    private let failure: Failure

    /// The failure that ended a tunnel, for the side that only sees the end.
    final class Failure: Sendable {
        private let first = Mutex<RedisError.Cause?>(nil)

        /// The first cause.
        var cause: RedisError.Cause? { first.withLock { $0 } }

        func note(_ error: any Error) {
            let problem = TLSProblem(error)
            // That the connection broke is seen at its other end, and is no matter of TLS.
            guard problem.kind == .tlsFailed else { return }
            first.withLock { $0 = $0 ?? problem.cause }
        }
    }

    private static let threads = Mutex<MultiThreadedEventLoopGroup?>(nil)

    /// The thread of all tunnels, which starts with the first of them.
    ///
    /// NIO ends the process if it gets no thread or no descriptor for it: both are asked for beforehand.
    static func loop() throws(SystemError) -> any EventLoop {
        try threads.withLock { threads throws(SystemError) in
            if let threads { return threads.next() }
            try Resources.requireDescriptors(8)
            try Resources.requireThreads(2)
            let started = MultiThreadedEventLoopGroup(numberOfThreads: 1)
            threads = started
            return started.next()
        }
    }

    /// The failure of TLS that ended the tunnel; nil if none did.
    var failureCause: RedisError.Cause? { failure.cause }

    /// Connects, and waits until both sides trust each other.
    ///
    /// - Parameters:
    ///   - host: The server.
    ///   - settings: The certificates.
    ///   - deadline: The end of connecting, the handshake included.
    ///   - interrupter: Ends connecting from any thread.
    ///   - connect: Opens a connected socket to the server, registered with the interrupter.
    /// - Throws: ``RedisError`` of kind `connectFailed`, `connectionLost` if the server went away, `tlsFailed` with what is
    ///   wrong, or `cancelled`.
    init(
        to host: RedisConfiguration.Host, settings: RedisConfiguration.TLS, by deadline: Deadline,
        interrupter: Interrupter, connect: () throws(RedisError) -> Int32
    ) throws(RedisError) {
        let failure = Failure()
        // The files may be pipes, which are read once.
        var made: NIOSSLContext?
        do {
            let loop = try Self.loop()
            let context = try TLSContext.make(settings, by: deadline, interrupter: interrupter)
            made = context
            let socket = try connect()
            // From now on the socket belongs to the event loop, which closes it.
            interrupter.forget(socket)
            descriptor = try Self.open(
                host, over: socket, on: loop, context: context, by: deadline, interrupter: interrupter,
                failure: failure)
            self.failure = failure
        } catch let error as RedisError {
            throw error
        } catch {
            if interrupter.wasInterrupted {
                throw RedisError(.cancelled, address: host.description, cause: .cancelled)
            }
            let problem = TLSProblem(error)
            guard problem.cause == .tls(.distrusted), let made else {
                throw RedisError(problem.kind, address: host.description, cause: problem.cause)
            }
            let cause = TLSDiagnosis.cause(
                host: host.name, context: made, settings: settings, by: deadline, interrupter: interrupter,
                connect: connect)
            throw RedisError(.tlsFailed, address: host.description, cause: .tls(cause ?? .distrusted))
        }
    }

    /// Shakes hands with the server, then opens the local side.
    ///
    /// - Returns: hiredis's end.
    private static func open(
        _ host: RedisConfiguration.Host, over socket: Int32, on loop: any EventLoop, context: NIOSSLContext,
        by deadline: Deadline, interrupter: Interrupter, failure: Failure
    ) throws -> Int32 {
        let isTrusted = loop.makePromise(of: Void.self)
        let alarm = loop.scheduleTask(in: deadline.timeAmount) { isTrusted.fail(TLSProblem(.tls(.noGreeting))) }
        let remote = ClientBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let name = SocketAddress(ip: host.name, port: host.port) == nil ? host.name : nil
                    let encryption = try NIOSSLClientHandler(context: context, serverHostname: name)
                    try channel.pipeline.syncOperations.addHandlers(
                        encryption, TLSHandshakeWaiter(isTrusted, failure))
                }
            }
            .withConnectedSocket(socket)
        remote.cascadeFailure(to: isTrusted)
        do {
            defer { alarm.cancel() }
            return try interrupter.waking(by: { isTrusted.fail(ChannelError.ioOnClosedChannel) }) {
                // At once, and on the loop: the server may send something right after the handshake.
                try isTrusted.futureResult.and(remote).flatMap { join($0.1, on: loop, failure) }.wait()
            }
        } catch {
            remote.whenSuccess { $0.close(promise: nil) }
            throw error
        }
    }

    /// Puts a pair of sockets before an encrypted channel.
    ///
    /// - Returns: The near end.
    private static func join(
        _ remote: any Channel, on loop: any EventLoop, _ failure: Failure
    ) -> EventLoopFuture<Int32> {
        do {
            let (near, far) = try Descriptor.socketPair()
            Descriptor.setNonBlocking(near)
            let local = ClientBootstrap(group: loop).withConnectedSocket(far)
            local.whenFailure { _ in close(near) }
            return local.map { local in
                let handlers = GlueHandler.pair(failure)
                do {
                    try remote.pipeline.syncOperations.addHandler(handlers.0)
                    try local.pipeline.syncOperations.addHandler(handlers.1)
                } catch {
                    local.close(promise: nil)
                }
                // The server may have gone since the handshake, and nobody tells the new handlers.
                if !remote.isActive { local.close(promise: nil) }
                return near
            }
        } catch {
            return loop.makeFailedFuture(error)
        }
    }
}

extension Deadline {
    /// The time that is left, as NIO takes it.
    var timeAmount: TimeAmount { .nanoseconds(Int64(remaining / .nanoseconds(1))) }
}
#else
/// The place of encrypted connections in a build without the trait TLS: none can be opened.
final class TLSTunnel: Sendable {
    let descriptor: Int32 = -1
    let failureCause: RedisError.Cause? = nil

    init(
        to host: RedisConfiguration.Host, settings: RedisConfiguration.TLS, by deadline: Deadline,
        interrupter: Interrupter, connect: () throws(RedisError) -> Int32
    ) throws(RedisError) {
        throw RedisError(.tlsFailed, address: host.description, cause: .tls(.notBuilt))
    }
}
#endif
