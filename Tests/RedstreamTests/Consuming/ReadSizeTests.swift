import RedstreamConnection
import Testing

@testable import Redstream

/// The number of entries to ask for, learnt from a server that closes connections on large replies.
@Suite struct ReadSizeTests {
    /// Reads until so many answers have come; the server closes the connection on more entries than it bears.
    private func read(
        _ size: inout ReadSize, answers: Int, bearing most: Int
    ) -> (losses: Int, counts: [Int], lines: Int) {
        var (losses, counts, lines) = (0, [Int](), 0)
        while counts.count < answers {
            if size.count > most {
                losses += 1
                size.lost()
            } else {
                counts.append(size.count)
                if size.succeeded(entries: size.count) { lines += 1 }
            }
        }
        return (losses, counts, lines)
    }

    @Test func staysAtTheMaximumWhereNothingIsLost() {
        var size = ReadSize(maximum: 1000)
        let (_, counts, lines) = read(&size, answers: 1000, bearing: 1000)
        #expect(counts.allSatisfy { $0 == 1000 })
        #expect(lines == 0)
        #expect(size == ReadSize(maximum: 1000))
    }

    @Test(arguments: [1, 2, 3, 7, 50, 99, 100, 101, 500, 999])
    func findsTheLargestNumberThatIsAnswered(most: Int) {
        var size = ReadSize(maximum: 1000)
        let (losses, counts, lines) = read(&size, answers: 90, bearing: most)
        #expect(counts.last == most)
        #expect(losses <= 13)
        #expect(lines == (losses > 1 ? 1 : 0))
    }

    @Test func tooLargeNumbersAreTriedMoreAndMoreSeldom() {
        var size = ReadSize(maximum: 1000)
        let (early, _, _) = read(&size, answers: 1000, bearing: 3)
        let (late, _, lines) = read(&size, answers: 100_000, bearing: 3)
        #expect(early > 4)
        #expect(late < 40)
        #expect(lines == 0)
    }

    @Test func returnsToTheMaximumAfterLargeEntries() {
        var size = ReadSize(maximum: 1000)
        _ = read(&size, answers: 10, bearing: 3)
        let (losses, counts, _) = read(&size, answers: 200, bearing: 1000)
        #expect(losses == 0)
        #expect(counts.last == 1000)
        #expect(size == ReadSize(maximum: 1000))
    }

    @Test func oneLossSaysNothing() {
        var size = ReadSize(maximum: 1000)
        // The server was restarted.
        size.lost()
        let (losses, counts, lines) = read(&size, answers: 200, bearing: 1000)
        #expect((losses, lines) == (0, 0))
        #expect(counts.last == 1000)
    }

    @Test func smallerEntriesDoNotProveALargerNumber() {
        var size = ReadSize(maximum: 1000)
        size.lost()
        size.lost()
        #expect(size.count == 10)
        let isNews = size.succeeded(entries: 2)
        #expect(isNews)
        #expect(size.count == 10)
    }

    @Test func singleEntryIsRefusedAfterASecondLoss() {
        var size = ReadSize(maximum: 1)
        size.lost()
        #expect(!size.isSingleRefused)
        size.lost()
        #expect(size.isSingleRefused)
        #expect(size.count == 1)
        size.lost()
        #expect(size.isSingleRefused)
        _ = size.succeeded(entries: 1)
        #expect(!size.isSingleRefused)
    }

    @Test func singleEntryHasToBeTriedFirst() {
        var size = ReadSize(maximum: 1000)
        while size.count > 1 { size.lost() }
        #expect(!size.isSingleRefused)
        size.lost()
        #expect(!size.isSingleRefused)
        size.lost()
        #expect(size.isSingleRefused)
    }

    @Test func largerEntriesLaterAreReadInSmallerParts() {
        var size = ReadSize(maximum: 1000)
        _ = read(&size, answers: 50, bearing: 300)
        let (_, counts, _) = read(&size, answers: 50, bearing: 2)
        #expect(counts.last == 2)
    }

    @Test func idleConnectionThatWasClosedWasNotTooLarge() {
        let sizes = ReadSizes(maximum: 1000)
        let error = RedisError(.connectionLost, address: "h:1", cause: .closedWhileIdle)
        #expect(sizes.failed(error, "the first") == error)
        #expect(sizes.count == 1000)
    }
}
