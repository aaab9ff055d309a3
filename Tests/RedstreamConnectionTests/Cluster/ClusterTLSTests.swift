import TestSupport
import Testing

@testable import RedstreamConnection

/// Clusters whose nodes speak TLS.
@Suite(.timeLimit(.minutes(3)), .enabled(if: RedisServer.speaksTLS, .init(rawValue: RedisServer.withoutTLS)))
struct ClusterTLSTests {
    private func withCluster(_ body: (RedisCluster) async throws -> Void) async throws {
        let authority = try await Authority()
        let tls = RedisServer.Options.TLS(authority, try await authority.sign("IP:127.0.0.1"))
        try await RedisCluster.with(.init(primaries: 2, node: .init(tls: tls)), body)
    }

    private func failure(_ configuration: RedisConfiguration) async -> RedisError? {
        do {
            let pool = RedisPool(configuration)
            defer { pool.close() }
            try await pool.withConnection(for: "key") { _ = try await $0.call("GET", "key") }
            return nil
        } catch {
            return error as? RedisError
        }
    }

    @Test func aKeyIsFollowedInTLSToTheNodeThatItMovesTo() async throws {
        try await withCluster { cluster in
            let key = RedisCluster.uniqueTag()
            // Only the first node is named: the others are met by what it says of them.
            let pool = RedisPool(cluster.configuration(naming: [cluster.nodes[0]]))
            defer { pool.close() }
            try await pool.withConnection(for: key) { connection in
                _ = try await connection.call("RPUSH", key, 1)
                let migration = try await SlotMigration(cluster, of: key)
                try await migration.run()
                #expect(try await connection.call("RPUSH", key, 2).integer == 2)
                #expect(connection.address == RedisCluster.host(migration.target).description)
            }
            #expect(try await pool.withConnection(for: key) { try await $0.call("LLEN", key).integer } == 2)
            #expect(try await pool.withEachPrimary { $0.address }.count == 2)
        }
    }

    @Test func anAuthorityThatIsNotKnownIsNotTrusted() async throws {
        try await withCluster { cluster in
            var configuration = cluster.configuration()
            let other = try await Authority()
            configuration.tls = .init(authoritiesFile: other.certificateFile)
            let error = await failure(configuration)
            #expect(error?.kind == .tlsFailed)
            #expect(
                error?.reason
                    == "the server's certificate is signed by none of the authorities in \(other.certificateFile)")
            configuration.tls = nil
            #expect(await failure(configuration) != nil)
        }
    }

    @Test func nodesWithoutTLSAreToldFromThoseWith() async throws {
        var configuration = try await RedisCluster.shared.configuration()
        configuration.tls = .init()
        configuration.connectTimeout = .seconds(5)
        let settings = configuration
        let time = try await fastestTry(under: .seconds(15), of: 3) { _ in
            let start = ContinuousClock.now
            let error = await failure(settings)
            #expect(error?.kind == .connectFailed)
            #expect(error?.reason.contains("does not answer the TLS handshake") == true, "\(String(describing: error))")
            return start.duration(to: .now)
        }
        #expect(time < .seconds(15))
    }
}
