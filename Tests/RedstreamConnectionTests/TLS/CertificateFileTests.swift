import RedstreamSystem
import TestSupport
import Testing

@testable import RedstreamConnection

/// Files of certificates may be anything that has a name.
@Suite(.timeLimit(.minutes(1))) struct CertificateFileTests {
    private let directory: TemporaryDirectory
    private var pipe: String { "\(directory.path)/pipe" }

    init() throws {
        directory = try TemporaryDirectory()
        guard mkfifo(pipe, 0o600) == 0 else { throw SystemError("mkfifo") }
    }

    private func configuration(connectTimeout: Duration) -> RedisConfiguration {
        RedisConfiguration(
            address: .tcp(host: "127.0.0.1", port: 1), tls: .init(authoritiesFile: pipe),
            connectTimeout: connectTimeout)
    }

    @Test func aPipeIsWaitedForAsLongAsTheConnection() async {
        let error = await #expect(throws: RedisError.self) {
            try await RedisConnection.connect(to: configuration(connectTimeout: .milliseconds(100)))
        }
        #expect(error?.kind == .tlsFailed)
        #expect(error?.cause == .tls(.unfinishedFile(.authorities, path: pipe)))
        #expect(error?.reason.hasSuffix("the file of the authorities, \(pipe), did not come to an end in time") == true)
    }

    @Test func cancellationEndsTheWaitForAPipe() async throws {
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                _ = try await RedisConnection.connect(to: configuration(connectTimeout: .seconds(3600)))
            }
            // Held open, so that it does not come to its end.
            let writer = try await eventually("the pipe is read") {
                try? OpenFile.writing(pipe, appends: false)
            }
            tasks.cancelAll()
            await #expect(throws: CancellationError.self) { try await tasks.next() }
            withExtendedLifetime(writer) {}
        }
    }
}
