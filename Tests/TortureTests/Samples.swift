import Redstream

@testable import Torture

/// Histories made by hand: a good one, which each test breaks in one place.
enum Samples {
    static let indexer = ConsumerName(stream: "s", name: Cast.indexer)
    static let cacher = ConsumerName(stream: "s", name: Cast.cacher)
    static let cast = Cast(streams: ["s"], instances: 2, producers: 1)

    static func id(_ milliseconds: UInt64) -> StreamID { StreamID(milliseconds: milliseconds) }

    /// The segment of some events, each a step of its own.
    static func segment(_ events: [ServerEvent], clock: UInt64 = 0) -> Segment {
        Segment(
            server: "server",
            records: events.enumerated().map { ServerRecord(event: $1, step: $0 + 1, clock: clock) })
    }

    /// A history of some events, without any messages.
    static func history(_ events: ServerEvent..., clock: UInt64 = 0) -> History {
        var history = History(cast: cast)
        history.segments = [segment(events, clock: clock)]
        history.processes = [process("a", 1), process("b", 2)]
        return history
    }

    static func process(
        _ name: String, _ processID: Int32, role: String = "consumer-s-indexer", start: UInt64 = 0,
        end: UInt64 = 900_000,
        exit: History.Exit = .status(0), signals: [History.Signal] = [.init(isKill: false, time: 899_900)]
    ) -> History.Process {
        var process = History.Process(name: name, role: role, processID: processID, start: start)
        (process.end, process.exit, process.signals) = (end, exit, signals)
        return process
    }

    static func message(_ number: Int, id: StreamID?, isDelayed: Bool = false) -> History.Produced {
        History.Produced(
            stream: "s", isDelayed: isDelayed, producer: "p", number: number, payload: "\(number)", id: id)
    }

    static func batch(_ entries: [UInt64], by process: String = "a") -> History.Batch {
        History.Batch(
            process: process, attempt: 1, entries: entries.map { History.Entry(id: id($0), payload: "\($0)") })
    }

    static func appended(_ milliseconds: UInt64) -> ServerEvent {
        .appended(stream: "s", id: id(milliseconds), payload: "\(milliseconds)")
    }

    /// Three messages that all consumers have handled, and nothing else.
    static var delivered: History {
        var history = history(appended(1), appended(2), appended(3))
        history.produced = (1...3).map { message($0, id: id(UInt64($0))) }
        history.batches = [indexer: [batch([1, 2]), batch([3])], cacher: [batch([1, 2, 3])]]
        return history
    }
}

extension History {
    /// Returns the violations of one invariant, in words.
    func broken(_ invariant: Invariant) -> [String] { invariant.violations(in: self).map(\.text) }
}
