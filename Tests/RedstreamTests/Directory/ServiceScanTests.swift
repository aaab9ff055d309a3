import RedstreamConnection
import TestSupport
import Testing

@testable import Redstream

/// Scans beside a service that reads names.
@Suite(.timeLimit(.minutes(3))) struct ServiceScanTests {
    private func fleet(_ fixture: Fixture, scanInterval: Duration) -> DelayerFleet {
        DelayerFleet(fixture.client, discoveryInterval: .milliseconds(50), scanInterval: scanInterval) {
            Delayer(fixture.client, stream: $0, delay: .milliseconds(1))
        }
    }

    @Test func findsAStreamThatNobodyHasRegistered() async throws {
        try await withManyKeys { fixture in
            try await withRunning(fleet(fixture, scanInterval: .milliseconds(50))) { _ in
                try await eventually("the first scan") { try await self.hasScanned(fixture) }
                try await fixture.add(to: fixture.keys.delayStream("products"))
                try await eventually("moved") { try await fixture.length(fixture.keys.stream("products")) == 1 }
            }
        }
    }

    @Test func findsADelayStreamOfAKnownStreamWithoutAScan() async throws {
        try await withManyKeys { fixture in
            try await withRunning(fleet(fixture, scanInterval: .seconds(3600))) { _ in
                try await eventually("the first scan") { try await self.hasScanned(fixture) }
                let count = try await scans(fixture)
                let message = OutgoingMessage(payload: "{}".utf8)
                try await Producer(fixture.makeClient()).delay([message], on: "products")
                try await eventually("moved") { try await fixture.length(fixture.keys.stream("products")) == 1 }
                #expect(try await scans(fixture) == count)
            }
        }
    }

    /// Another process scans, or keeps the lock of the scans: the service goes on with what is known.
    @Test func goesOnWhileAnotherProcessScans() async throws {
        try await withManyKeys { fixture in
            try await fixture.add(to: fixture.keys.stream("products"))
            _ = try await fixture.client.directory(for: .service)
            try await fixture.redis("SET", fixture.keys.scanLock.key, "another")
            let scanner = DirectoryScanner(client: fixture.client)
            let result = try await scanner.scannedForAll(until: nil) { _ in true }
            guard case .indexed(let names, _) = result else {
                Issue.record("nothing is known")
                return
            }
            #expect(names == [ExactText("products")])
        }
    }

    private func hasScanned(_ fixture: Fixture) async throws -> Bool {
        try await fixture.redis("EXISTS", fixture.keys.scanRecord).integer == 1
    }
}
