import Redstream
import RedstreamConnection

/// The start and the end of a `consume`, with times resolved by the server's clock.
struct ReadPlan: Sendable {
    /// The offset of the consumer as it was found.
    enum Offset: Sendable, Equatable {
        case none
        case at(StreamID)
        /// It cannot be read; the consumer says why.
        case unknown

        var id: StreamID? {
            if case .at(let id) = self { id } else { nil }
        }
    }

    var start: StartPosition
    var limits: ReadLimits
    /// True if the stream exists; a follower waits for it, and the user is told so.
    var streamExists: Bool
    /// The number of entries.
    var length: Int
    /// The offset of the consumer; none if it has no name.
    var offset = Offset.none
    /// False if reading starts where another consumer has committed, and that one has committed nothing.
    var hasOrigin = true
    /// True if there is nothing to read, and nothing to wait for.
    var isOver = false
}

extension ReadPlan {
    /// Resolves what a command says for its stream, or for one shard of it.
    init(_ command: ConsumeCommand, stream: String, now: UInt64, _ client: StreamClient) async throws {
        let summary = try await client.summary(of: stream)
        streamExists = summary != nil
        length = summary?.length ?? 0
        start = .earliest
        if let since = command.since { start = Self.start(at: since, now: now) }
        switch command.from {
        case nil: break
        case .earliest: start = .earliest
        case .latest: start = .latest
        case .committed(let name): start = .committed(name)
        case .point(let point): start = Self.start(at: point, now: now)
        }
        limits = ReadLimits(count: command.count, end: command.until?.endID(now: now))
        if let problem = Self.emptyRange(start, limits.end, endsNow: command.exitAtEnd, now: now) {
            throw Failure(.usage, "cannot consume: \(problem)")
        }
        if command.exitAtEnd {
            limits.end = min(limits.end ?? .max, summary?.lastID ?? .zero)
        }
        if let name = command.name { offset = try await Self.offset(of: .init(stream: stream, name: name), client) }
        if case .committed(let other) = start, offset == .none {
            hasOrigin = try await Self.offset(of: .init(stream: stream, name: other), client) != .none
        }
        // An entry that comes later has an id of now at least.
        if !streamExists, let end = limits.end { isOver = end.milliseconds < now }
    }

    /// Returns why no entry can lie within a range; nil if one can.
    static func emptyRange(_ start: StartPosition, _ end: StreamID?, endsNow: Bool, now: UInt64) -> String? {
        switch start {
        case .after(let id):
            if let end, id >= end { return "--until ends before the start: no entry lies between" }
            if endsNow, id.milliseconds >= now, id.sequence == .max || id.milliseconds > now {
                return "the start is in the future, and --exit-at-end ends with what is there now"
            }
        case .latest:
            if let end, end.milliseconds < now { return "--from latest starts now, and --until is in the past" }
        case .earliest, .committed: break
        }
        return nil
    }

    private static func offset(of consumer: ConsumerName, _ client: StreamClient) async throws -> Offset {
        do {
            return .at(try await client.offset(of: consumer))
        } catch RedstreamError.unknownConsumer {
            return .none
        } catch RedstreamError.unreadableOffset {
            return .unknown
        } catch let error as RedisError where error.retryAdvice == .fail {
            return .unknown
        }
    }

    /// A point is included; an offset is the entry before.
    private static func start(at point: PointInTime, now: UInt64) -> StartPosition {
        point.startID(now: now).predecessor.map { .after($0) } ?? .earliest
    }
}
