import Redstream

/// The keys that a task touches, where it names its streams.
struct AccessScope: Sendable {
    /// The streams, as patterns.
    private let streams: [String]
    /// The keys of each that are touched: `` for the stream itself, `.delay`, `.indexer.dead`; patterns too.
    private let suffixes: [String]
    /// The owners of offsets and locks: the text behind the stream's name in their keys.
    private let positions: [String]

    /// Creates a scope.
    ///
    /// - Parameters:
    ///   - streams: The streams, by name.
    ///   - areSharded: True if their shards are meant.
    ///   - suffixes: What stands behind the names of streams that are touched.
    ///   - consumer: Whose offset and lock are touched; nil for those of all.
    ///   - touchesDelayers: True if those of delayers are.
    init(
        _ streams: [String], areSharded: Bool = false, suffixes: [String] = [""], consumer: String? = nil,
        touchesDelayers: Bool = false
    ) {
        self.streams = streams.map { $0.escapedForGlob + (areSharded ? "-*" : "") }
        self.suffixes = suffixes
        positions = [":\(consumer?.escapedForGlob ?? "*")"] + (touchesDelayers ? [".delay:delayer"] : [])
    }

    /// The patterns of the keys of one kind.
    func patterns(of kind: AccessRules.KeyKind, in keyspace: Keyspace) -> [String] {
        let base = keyspace.base.escapedForGlob
        func each(_ prefix: String, _ suffixes: [String]) -> [String] {
            streams.flatMap { stream in suffixes.map { "\(base):\(prefix):\(stream)\($0)" } }
        }
        return switch kind {
        case .streams: each("stream", suffixes)
        case .offsets: each("offset", positions)
        case .consumerLocks: each("lock:consumer", positions + positions.map { "\($0).notify" })
        case .trimmerLocks: each("lock:trimmer", ["", ".notify"])
        case .delays: each("delay", [""])
        case .trimMarks: each("trimmed", [""])
        case .attempts: each("attempts", positions)
        case .replays: each("replays", positions)
        }
    }
}
