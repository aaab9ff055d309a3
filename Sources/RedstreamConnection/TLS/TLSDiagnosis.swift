#if TLS
import FoundationEssentials
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// Finds out why a server's certificate is not trusted, which TLS itself does not tell.
enum TLSDiagnosis {
    /// Connects once more, looks at the certificates, and trusts none of them.
    ///
    /// - Returns: The cause; nil if the server did not show its certificate this time.
    static func cause(
        host: String, context: NIOSSLContext, settings: RedisConfiguration.TLS, by deadline: Deadline,
        interrupter: Interrupter, connect: () throws(RedisError) -> Int32
    ) -> RedisError.TLS? {
        guard let socket = try? connect() else { return nil }
        interrupter.forget(socket)
        let chain = chain(of: host, over: socket, context, by: deadline, interrupter: interrupter)
        guard let chain, let own = chain.first else { return nil }
        let now = Int(Date().timeIntervalSince1970)
        for certificate in chain {
            let which: RedisError.TLS.Certificate = certificate === own ? .server : .authority
            if certificate.notValidAfter < now { return .expired(which, on: day(certificate.notValidAfter)) }
            if certificate.notValidBefore > now { return .notYetValid(which, from: day(certificate.notValidBefore)) }
        }
        return .untrusted(authorities: settings.authoritiesFile)
    }

    private static func chain(
        of host: String, over socket: Int32, _ context: NIOSSLContext, by deadline: Deadline,
        interrupter: Interrupter
    ) -> [NIOSSLCertificate]? {
        guard let loop = try? TLSTunnel.loop() else { return nil }
        let seen = loop.makePromise(of: [NIOSSLCertificate].self)
        let alarm = loop.scheduleTask(in: deadline.timeAmount) { seen.fail(ChannelError.eof) }
        defer { alarm.cancel() }
        let connection = ClientBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let name = SocketAddress(ip: host, port: 0) == nil ? host : nil
                    let handler = try NIOSSLClientHandler(context: context, serverHostname: name) {
                        (chain: [NIOSSLCertificate], verdict: EventLoopPromise<NIOSSLVerificationResult>) in
                        seen.succeed(chain)
                        verdict.succeed(NIOSSLVerificationResult.failed)
                    }
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
            .withConnectedSocket(socket)
        connection.cascadeFailure(to: seen)
        defer { connection.whenSuccess { $0.close(promise: nil) } }
        return interrupter.waking(by: { seen.fail(ChannelError.eof) }, { try? seen.futureResult.wait() })
    }

    private static func day(_ time: Int) -> String {
        Date(timeIntervalSince1970: Double(time)).formatted(.iso8601.year().month().day())
    }
}
#endif
