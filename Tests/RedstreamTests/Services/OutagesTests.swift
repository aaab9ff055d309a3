import RedisClient
import Testing

@testable import Redstream

/// Many services of one client miss one server; it is said once that it went, and once that it is back.
@Suite struct OutagesTests {
    private final class Service {}

    @Test func onlyTheFirstAndTheLastSpeak() {
        let outages = Outages()
        let (one, other) = (Service(), Service())
        #expect(outages.waits(ObjectIdentifier(one), for: .reachable))
        #expect(!outages.waits(ObjectIdentifier(other), for: .reachable))
        #expect(outages.ended(for: ObjectIdentifier(one)) == nil)
        #expect(outages.ended(for: ObjectIdentifier(other))?.recovery == .reachable)
    }

    @Test func whoMissedNothingHasNothingToEnd() {
        let outages = Outages()
        let service = Service()
        #expect(outages.ended(for: ObjectIdentifier(service)) == nil)
    }

    @Test func whatSomebodyHasToMendIsSaidAlsoBehindAnOutage() {
        let outages = Outages()
        let service = Service()
        #expect(outages.waits(ObjectIdentifier(service), for: .reachable))
        #expect(!outages.waits(ObjectIdentifier(service), for: .loaded))
        #expect(outages.waits(ObjectIdentifier(service), for: .writable))
        // It goes to and fro, and is no news any more.
        #expect(!outages.waits(ObjectIdentifier(service), for: .reachable))
        #expect(!outages.waits(ObjectIdentifier(service), for: .writable))
        #expect(outages.ended(for: ObjectIdentifier(service))?.recovery == .writable)
        #expect(outages.waits(ObjectIdentifier(service), for: .writable))
    }
}
