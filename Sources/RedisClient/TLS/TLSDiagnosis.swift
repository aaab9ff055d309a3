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
        host: String, port: Int, settings: RedisConfiguration.TLS, timeout: Duration
    ) -> RedisError.TLS? {
        guard let chain = chain(host: host, port: port, settings: settings, timeout: timeout), let own = chain.first
        else { return nil }
        let now = Int(Date().timeIntervalSince1970)
        for certificate in chain {
            let which: RedisError.TLS.Certificate = certificate === own ? .server : .authority
            if certificate.notValidAfter < now { return .expired(which, on: day(certificate.notValidAfter)) }
            if certificate.notValidBefore > now { return .notYetValid(which, from: day(certificate.notValidBefore)) }
        }
        return .untrusted(authorities: settings.authoritiesFile)
    }

    private static func chain(
        host: String, port: Int, settings: RedisConfiguration.TLS, timeout: Duration
    ) -> [NIOSSLCertificate]? {
        guard let loop = try? TLSTunnel.loop(), let context = try? TLSContext.make(settings, by: Deadline(in: timeout))
        else { return nil }
        let seen = loop.makePromise(of: [NIOSSLCertificate].self)
        let limit = TimeAmount.nanoseconds(Int64(timeout / .nanoseconds(1)))
        loop.scheduleTask(in: limit) { seen.fail(ChannelError.connectTimeout(limit)) }
        let connection = ClientBootstrap(group: loop).connectTimeout(limit)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let name = SocketName.isAddress(host) ? nil : host
                    let handler = try NIOSSLClientHandler(context: context, serverHostname: name) {
                        (chain: [NIOSSLCertificate], verdict: EventLoopPromise<NIOSSLVerificationResult>) in
                        seen.succeed(chain)
                        verdict.succeed(NIOSSLVerificationResult.failed)
                    }
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
            .connect(host: host, port: port)
        connection.cascadeFailure(to: seen)
        defer { connection.whenSuccess { $0.close(promise: nil) } }
        return try? seen.futureResult.wait()
    }

    private static func day(_ time: Int) -> String {
        Date(timeIntervalSince1970: Double(time)).formatted(.iso8601.year().month().day())
    }
}
