import Redstream
import RedstreamConnection
import TestSupport
import Testing

/// A move whose answer was lost is made again; it must not move twice.
@Suite struct SeekPlanTests {
    private let indexer = ConsumerName(stream: "products", name: "indexer")

    @Test func aPlanThatWasCarriedOutIsNotCarriedOutAgain() async throws {
        try await withNamespace { fixture in
            for number in 1...9 {
                try await fixture.add("\(number)", id: "\(number)-0", to: fixture.keys.stream("products"))
            }
            try await fixture.gem.commit("9-0", of: "indexer", on: "products")
            let plan = try await fixture.client.planSeek(indexer, to: .shift(-2))
            try await fixture.client.seek(indexer, as: plan)
            try await fixture.client.seek(indexer, as: plan)
            #expect(try await fixture.client.offset(of: indexer) == StreamID("7-0"))
        }
    }

    @Test func aPlanIsRefusedWhereTheOffsetHasMovedMeanwhile() async throws {
        try await withNamespace { fixture in
            try await fixture.add("1", id: "1-0", to: fixture.keys.stream("products"))
            try await fixture.gem.commit("1-0", of: "indexer", on: "products")
            let plan = try await fixture.client.planSeek(indexer, to: .earliest)
            try await fixture.gem.commit("5-0", of: "indexer", on: "products")
            let error = await #expect(throws: RedstreamError.self) {
                try await fixture.client.seek(indexer, as: plan)
            }
            #expect(error == .offsetChanged(indexer))
            #expect(try await fixture.client.offset(of: indexer) == StreamID("5-0"))
        }
    }
}
