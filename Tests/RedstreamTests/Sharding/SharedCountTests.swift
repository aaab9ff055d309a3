import RedstreamConnection
import TestSupport
import Testing

@testable import Redstream

/// A count of entries that several readers share.
@Suite(.timeLimit(.minutes(3))) struct SharedCountTests {
    @Test func aReaderThatWasCutShortGoesOnWhereItWasCut() async throws {
        try await withNamespace { fixture in
            try await fixture.add(numbered: 1...20, to: fixture.keys.stream("s"))
            let allowance = ReadAllowance(15)
            let other = ReadShare(of: allowance)
            #expect(other.take(10) == 10)
            var limits = ReadLimits.none
            limits.share = ReadShare(of: allowance)
            let stop = StopSignal()
            try await fixture.client.pool.withOwnConnection(name: "tests:reader", for: nil) { connection in
                var reader = BatchReader(
                    connection: connection, key: fixture.keys.stream("s"), after: .zero, sizes: ReadSizes(maximum: 10),
                    limits: limits, readCount: 0, logger: fixture.client.logger)
                let first = try await reader.next(block: nil, stop: stop).messages
                #expect(first.map(\.id.milliseconds) == [1, 2, 3, 4, 5])
                #expect(reader.isDone)
                // The other has handled three of its ten, and gives the rest back.
                other.settle(at: 3)
                #expect(!reader.isDone)
                let second = try await reader.next(block: nil, stop: stop).messages
                #expect(second.map(\.id.milliseconds) == [6, 7, 8, 9, 10, 11, 12])
            }
        }
    }
}
