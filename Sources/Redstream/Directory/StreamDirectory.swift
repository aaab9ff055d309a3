package import RedstreamConnection

/// The streams and consumers of a namespace, as their keys tell.
public struct StreamDirectory: Sendable, Equatable {
    /// Every stream, delay and dead-letter streams included, sorted.
    public var streams: [String] = []
    /// Every consumer that has an offset or a live lock, sorted; delayers included, by the delay stream's name.
    public var consumers: [ConsumerName] = []
    /// Offset or lock names whose split into stream and consumer is not certain, with every split that the
    /// existing streams allow.
    public var ambiguous: [String: [ConsumerName]] = [:]

    /// The time since the scan that has found the names which are not registered; zero where it was made for this directory.
    ///
    /// It does not count where two directories are compared.
    public var age: Duration = .zero

    /// Compares the names.
    public static func == (left: StreamDirectory, right: StreamDirectory) -> Bool {
        left.streams == right.streams && left.consumers == right.consumers && left.ambiguous == right.ambiguous
    }

    /// Creates an empty directory.
    public init() {}

    /// Creates the directory of what was found.
    ///
    /// - Parameters:
    ///   - streams: The names of streams.
    ///   - positions: What follows `offset:` or `lock:consumer:` in the names of keys.
    ///   - known: Consumers whose streams are certain: what they are called behind it needs no split.
    init(streams: Set<ExactText>, positions: Set<ExactText>, known: Set<ConsumerName> = []) {
        self.streams = streams.sorted().map(\.text)
        var consumers = known
        let settled = Set(known.map { ExactText("\($0.stream):\($0.name)") })
        for name in positions.subtracting(settled) {
            let splits = Self.splits(of: name.text, among: streams)
            if splits.count == 1 { consumers.formUnion(splits) }
            if splits.count > 1 { ambiguous[name.text, default: []] += splits }
        }
        self.consumers = consumers.sorted()
    }

    /// Creates the directory of a namespace from the names of its keys, whatever their types are.
    package init(keys: some Sequence<RedisKey>, of keyspace: Keyspace) {
        let names = FoundNames(keys: keys, of: keyspace)
        self.init(streams: names.streams, positions: names.positions)
    }

    /// Splits `<stream>:<consumer>` where a stream's name may hold colons.
    ///
    /// The streams that exist decide. One split with an existing stream is certain, and so is the only split
    /// there is. With several, or with none among many, nothing is: the caller is told, and guesses nothing.
    ///
    /// - Returns: The possible splits: exactly one where it is certain.
    public static func splits(of name: String, among streams: some Sequence<String>) -> [ConsumerName] {
        splits(of: name, among: Set(streams.map(ExactText.init)))
    }

    static func splits(of name: String, among streams: Set<ExactText>) -> [ConsumerName] {
        let bytes = Array(name.utf8)
        let all = bytes.indices.filter { bytes[$0] == UInt8(ascii: ":") }.map { place in
            ConsumerName(
                stream: String(decoding: bytes[..<place], as: UTF8.self),
                name: String(decoding: bytes[(place + 1)...], as: UTF8.self))
        }
        let existing = all.filter { streams.contains(ExactText($0.stream)) }
        return existing.isEmpty ? all : existing
    }

    /// Tells delay streams and dead-letter streams from streams that applications write.
    ///
    /// `<stream>.delay` is a delay stream whatever else exists; `….dead` is a dead-letter stream.
    public static func isDerived(_ stream: String) -> Bool {
        stream.ends(with: ".delay") || stream.ends(with: ".dead")
    }

    /// The streams that applications write: neither delay nor dead-letter streams.
    ///
    /// A stream of which only the delay stream exists yet is not among them.
    public var primaryStreams: [String] { streams.filter { !Self.isDerived($0) } }

    /// The streams that have a delay stream.
    public var delayedStreams: [String] {
        streams.compactMap { $0.removing(suffix: ".delay") }
    }
}
