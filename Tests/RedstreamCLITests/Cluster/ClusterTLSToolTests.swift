import TestSupport
import Testing

@testable import RedstreamCLI

/// `rediss+cluster://`, with `--cacert`.
@Suite(
    .timeLimit(.minutes(3)), .enabled(if: RedisServer.speaksTLS, .init(rawValue: RedisServer.withoutTLS)))
struct ClusterTLSToolTests {
    @Test func messagesGoThroughTLSToWhereTheirStreamMoves() async throws {
        let authority = try await Authority()
        let tls = RedisServer.Options.TLS(authority, try await authority.sign("IP:127.0.0.1"))
        try await RedisCluster.with(.init(primaries: 2, node: .init(tls: tls))) { cluster in
            let stream = ClusterStream(cluster: cluster)
            let trust = ["--cacert", authority.certificateFile]
            let produce = ["produce", "--stream", stream.name, "--print-ids"]
            let producer = try ToolProcess(
                produce + trust, environment: stream.environment, input: .pipe)
            producer.write("1\n")
            #expect(try await producer.nextLine() != nil)
            try await SlotMigration(cluster, of: stream.key).run()
            producer.write("2\n")
            producer.closeInput()
            try await producer.result().expect(.done)
            let read = try await ToolProcess.run(
                ["consume", "--stream", stream.name, "--exit-at-end", "-o", "payload"] + trust,
                environment: stream.environment)
            #expect(read.lines == ["1", "2"])

            let other = try await Authority()
            try await ToldError(
                .failed, "is signed by none of the authorities in \(other.certificateFile)",
                hint: "--cacert names the file with the authority that signed it"
            ).expect(
                from: produce + ["1", "--retry-for", "0s", "--cacert", other.certificateFile],
                environment: stream.environment)
            // As with a server of its own, what comes through of it is a matter of luck.
            let plain = ["--url", cluster.url().replacing("rediss+", with: "redis+")]
            let result = try await ToolProcess.run(produce + ["1", "--retry-for", "0s"] + plain)
            #expect(result.errorLines.last?.hasPrefix("hint: ") == true, "\(result.errors)")
            #expect(result.errorLines.last?.contains("rediss:// is for ") == true, "\(result.errors)")
        }
    }

    @Test func nodesWithoutTLSAreToldFromThoseWith() async throws {
        // The nodes are asked within nine tenths of that: what is left is for a busy machine.
        let url = try await RedisCluster.shared.url().replacing("redis+", with: "rediss+")
        try await ToldError(
            .unreachable, "the server does not answer the TLS handshake",
            hint: "redis:// is for a server without TLS"
        ).expect(
            from: ["produce", "--stream", "{s}", "--retry-for", "0s", "1", "--url", url, "--connect-timeout", "5s"],
            within: .seconds(15))
    }
}
