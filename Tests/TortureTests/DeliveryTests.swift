import Redstream
import Testing

@testable import Torture

/// The checks of acknowledged messages and their order fail where they should.
@Suite struct DeliveryTests {
    @Test func aHistoryWithAllDeliveredInOrderIsGood() {
        #expect(Invariant.allViolations(in: Samples.delivered) == [])
    }

    @Test func aMessageThatOneConsumerNeverGotIsLost() {
        var history = Samples.delivered
        history.batches[Samples.cacher] = [Samples.batch([1, 2])]
        #expect(history.broken(.delivery) == ["cacher of s never got 3, acknowledged as 3-0"])
    }

    @Test func aMessageThatWasNotAcknowledgedMayBeLost() {
        var history = Samples.delivered
        history.produced.append(Samples.message(4, id: nil))
        #expect(history.broken(.delivery) == [])
    }

    @Test func aDeadLetterIsNotLost() {
        var history = Samples.delivered
        history.batches[Samples.indexer] = [Samples.batch([1, 2])]
        #expect(history.broken(.delivery).count == 1)
        history.segments[0].records.append(
            ServerRecord(
                event: .deadLettered(Samples.indexer, id: Samples.id(3), payload: "3"), step: 9, clock: 0))
        #expect(history.broken(.delivery) == [])
    }

    @Test func anIDThatWasAcknowledgedMustNameTheMessage() {
        var history = Samples.delivered
        history.produced[2].id = Samples.id(2)
        #expect(history.broken(.delivery) == ["3 was acknowledged as 2-0 of s; there stands 2"])
    }

    @Test func anEntryThatComesBeforeAnEarlierOneBreaksTheOrder() {
        var history = Samples.delivered
        history.batches[Samples.cacher] = [Samples.batch([2]), Samples.batch([1, 2, 3])]
        #expect(history.broken(.order) == ["cacher of s got 2-0 before 1-0 (a)"])
    }

    @Test func whatComesAgainBreaksNoOrder() {
        var history = Samples.delivered
        history.batches[Samples.cacher] = [Samples.batch([1, 2]), Samples.batch([1], by: "b"), Samples.batch([2, 3])]
        #expect(history.broken(.order) == [])
    }

    @Test func aBatchWithAHoleBreaksTheOrder() {
        var history = Samples.delivered
        history.batches[Samples.cacher] = [Samples.batch([1, 3]), Samples.batch([2, 3])]
        #expect(history.broken(.order) == ["cacher of s: the batch 1-0…3-0 lacks 2-0"])
    }

    @Test func aBatchThatRunsBackwardsBreaksTheOrder() {
        var history = Samples.delivered
        history.batches[Samples.cacher] = [Samples.batch([1]), Samples.batch([3, 2])]
        #expect(history.broken(.order).contains("a batch of cacher from 3-0 is not in order"))
    }

    @Test func aProducersMessagesStandInTheirOrder() {
        var history = Samples.history(
            .appended(stream: "s", id: Samples.id(1), payload: "2"),
            .appended(stream: "s", id: Samples.id(2), payload: "1"))
        history.produced = [Samples.message(1, id: Samples.id(2)), Samples.message(2, id: Samples.id(1))]
        #expect(history.broken(.order) == ["2 stands before 1"])
        // Sent once more after the first, it is in order again.
        history.segments[0].records.append(
            ServerRecord(event: .appended(stream: "s", id: Samples.id(3), payload: "2"), step: 9, clock: 0))
        #expect(history.broken(.order) == [])
    }
}
