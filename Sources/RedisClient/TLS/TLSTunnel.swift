import NIOCore
import NIOPosix
import NIOSSL
import RedstreamSystem
import Synchronization

/// An encrypted connection that looks like a plain one: a pair of local sockets, with TLS behind one of them.
///
/// hiredis 0.14 knows no TLS. It gets the other socket, and reads and writes there as it always does; a thread that all
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
    /// - Throws: ``RedisError`` of kind `connectFailed`, `connectionLost` where the server went away, or `tlsFailed` with
    ///   what is wrong.
    init(host: String, port: Int, settings: RedisConfiguration.TLS, timeout: Duration) throws(RedisError) {
        let address = RedisConfiguration.Address.tcp(host: host, port: port).description
        let failure = Failure()
        let deadline = Deadline(in: timeout)
        do {
            let loop = try Self.loop()
            let context = try TLSContext.make(settings, by: deadline)
            let (near, far) = try Descriptor.socketPair()
            do {
                let opening = Self.open(
                    on: loop, host: host, port: port, context: context, local: far, timeout: timeout, failure: failure)
                try opening.wait()
            } catch {
                close(near)
                throw error
            }
            descriptor = near
            self.failure = failure
        } catch let error as RedisError {
            throw error
        } catch {
            let problem = TLSProblem(error)
            guard problem.cause == .tls(.distrusted) else {
                throw RedisError(problem.kind, address: address, cause: problem.cause)
            }
            let cause = TLSDiagnosis.cause(host: host, port: port, settings: settings, timeout: deadline.remaining)
            throw RedisError(.tlsFailed, address: address, cause: .tls(cause ?? .distrusted))
        }
    }

    /// Connects to the server, shakes hands, then opens the local side; the far socket is closed with it.
    private static func open(
        on loop: any EventLoop, host: String, port: Int, context: NIOSSLContext, local: Int32, timeout: Duration,
        failure: Failure
    ) -> EventLoopFuture<Void> {
        let isTrusted = loop.makePromise(of: Void.self)
        let limit = TimeAmount.nanoseconds(Int64(timeout / .nanoseconds(1)))
        let alarm = loop.scheduleTask(in: limit) { isTrusted.fail(TLSProblem(.tls(.noGreeting))) }
        let remote = ClientBootstrap(group: loop)
            .connectTimeout(limit)
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let name = SocketName.isAddress(host) ? nil : host
                    let encryption = try NIOSSLClientHandler(context: context, serverHostname: name)
                    try channel.pipeline.syncOperations.addHandlers(
                        encryption, TLSHandshakeWaiter(isTrusted, failure))
                }
            }
            .connect(host: host, port: port)
        remote.cascadeFailure(to: isTrusted)
        let opened = isTrusted.futureResult.and(remote).flatMap { _, remote in
            ClientBootstrap(group: loop).withConnectedSocket(local).flatMapThrowing { local in
                let pair = Relay.pair(failure)
                try remote.pipeline.syncOperations.addHandler(pair.0)
                try local.pipeline.syncOperations.addHandler(pair.1)
            }
        }
        opened.whenComplete { _ in alarm.cancel() }
        opened.whenFailure { _ in
            remote.whenSuccess { $0.close(promise: nil) }
            close(local)
        }
        return opened
    }
}
