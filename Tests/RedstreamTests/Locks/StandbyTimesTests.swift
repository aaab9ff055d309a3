import Testing

@testable import Redstream

@Suite(.timeLimit(.minutes(3))) struct StandbyTimesTests {
    @Test(arguments: [
        (5000, 5000), (11, 11), (10, 10), (9, 10), (1, 10), (0, 10), (-2, 10), (-1, 5000),
    ])
    func aStandbyWaitsForTheLocksRemainingLife(milliseconds: Int, wait: Int) {
        #expect(LockSnapshot.waitingTime(lives: [milliseconds]) == .milliseconds(wait))
    }

    @Test(arguments: [(10, "0.010"), (5, "0.005"), (999, "0.999"), (1000, "1.000"), (4321, "4.321")])
    func timeoutsAreNeverZero(milliseconds: Int, text: String) {
        #expect(LockAcquirer.seconds(.milliseconds(milliseconds)) == text)
    }

    @Test func aHolderNamesHostAndProcess() throws {
        let identity = HolderIdentity()
        let holder = identity.make()
        #expect(holder != identity.make())
        #expect(holder.prefix(8) == identity.make().prefix(8))
        let match = try #require(holder.wholeMatch(of: /[0-9a-f]+@[^:]+:[0-9]+/))
        #expect(match.output == holder)
    }
}
