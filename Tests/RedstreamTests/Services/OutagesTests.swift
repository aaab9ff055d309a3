import Testing

@testable import Redstream

/// Many services of one client miss one server; it is said once that it went, and once that it is back.
@Suite struct OutagesTests {
    private final class Service {}

    @Test func onlyTheFirstAndTheLastSpeak() {
        let outages = Outages()
        let (one, other) = (Service(), Service())
        #expect(outages.began(for: ObjectIdentifier(one)))
        #expect(!outages.began(for: ObjectIdentifier(other)))
        #expect(!outages.ended(for: ObjectIdentifier(one)))
        #expect(outages.ended(for: ObjectIdentifier(other)))
    }

    @Test func whoMissedNothingHasNothingToEnd() {
        let outages = Outages()
        let service = Service()
        #expect(!outages.ended(for: ObjectIdentifier(service)))
    }
}
