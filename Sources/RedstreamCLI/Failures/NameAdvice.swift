import Redstream
import RedstreamConnection
import RedstreamSystem

/// Finds what was probably meant by the name of a stream or a consumer that does not exist.
///
/// It asks the server for two seconds at most, and says nothing if the server does not answer, or denies SCAN.
struct NameAdvice: Sendable {
    private let client: StreamClient

    init(_ client: StreamClient) {
        self.client = client
    }

    /// Returns advice on the name that an error is about; nil if there is none.
    func onError(_ error: RedstreamError) async -> String? {
        switch error {
        case .unknownStream(let name): await onStream(name)
        case .unknownConsumer(let name): await onConsumer(name.name, of: name.stream)
        default: nil
        }
    }

    /// Returns advice on a stream that does not exist: `did you mean products?`.
    func onStream(_ name: String) async -> String? {
        guard let found = await directory else { return nil }
        if let advice = Self.onStream(name, in: found) { return advice }
        let others = found.streams.filter { !$0.isSame(as: name) && !$0.isSame(as: Keyspace.delayStreamName(of: name)) }
        return others.isEmpty ? await onNamespace() : nil
    }

    /// Returns advice on a consumer that does not exist, of a stream, or of any.
    func onConsumer(_ name: String, of stream: String?) async -> String? {
        await directory.flatMap { Self.onConsumer(name, of: stream, in: $0) }
    }

    /// Returns the name nearest to that of a consumer that is new to some streams.
    func onNewConsumer(_ name: String, of streams: [String]) async -> String? {
        guard let found = await directory else { return nil }
        let streams = Set(streams.map(ExactText.init))
        let others = found.consumers.filter { streams.contains(ExactText($0.stream)) }.map(\.name)
        return Self.nearest(to: name, among: Self.unique(others))
    }

    /// Returns advice on a stream, or on the shards of one, that did not exist until now.
    func onNewStream(_ name: String, _ shards: Sharding?) async -> String? {
        guard shards != nil else { return await onStream(name) }
        guard let found = await directory else { return nil }
        let bases = found.primaryStreams.compactMap { stream in
            stream.unicodeScalars.lastIndex(of: "-").map { String(stream[..<$0]) }
        }
        return Self.nearest(to: name, among: Self.unique(bases))
    }

    /// Returns the other namespaces that have streams: `namespaces here: shopA, shopB`.
    func onNamespace() async -> String? {
        guard let found = await withinLimit({ try await client.namespaces() }) else { return nil }
        return Self.namespaces(found.filter { Keyspace(namespace: $0) != client.keys })
    }

    /// Returns a list of namespaces, up to a few; nil if there are none.
    static func namespaces(_ names: [String]) -> String? {
        guard !names.isEmpty else { return nil }
        let shown = names.prefix(6).map { $0.isEmpty ? "(no namespace)" : NameText.shown($0) }.joined(separator: ", ")
        return "namespaces here: \(shown)" + (names.count > 6 ? " and \((names.count - 6).grouped) more" : "")
    }

    /// Returns the shards of a stream, or the name nearest to its own.
    static func onStream(_ name: String, in directory: StreamDirectory) -> String? {
        let streams = directory.primaryStreams + directory.delayedStreams
        if let shards = ShardGuess(of: name, among: streams) { return shards.text }
        return nearest(to: name, among: streams)
    }

    /// Returns the name nearest to that of a consumer, or the streams that have a consumer of just this name.
    static func onConsumer(_ name: String, of stream: String?, in directory: StreamDirectory) -> String? {
        let others = directory.consumers.filter { stream?.isSame(as: $0.stream) ?? true }.map(\.name)
        if let near = nearest(to: name, among: unique(others)) { return near }
        let streams = directory.consumers.filter { $0.name.isSame(as: name) && stream?.isSame(as: $0.stream) != true }
            .map(\.stream)
        guard let stream, let first = streams.first else { return nil }
        return ShardGuess(of: stream, among: streams)?.text ?? "did you mean the one of \(NameText.shown(first))?"
    }

    /// Returns each name once, in order.
    private static func unique(_ names: [String]) -> [String] { Set(names.map(ExactText.init)).sorted().map(\.text) }

    private static func nearest(to name: String, among others: [String]) -> String? {
        let nearest = SpellCheck.closest(to: name, among: others.filter { !$0.isSame(as: name) })
        return nearest.map { "did you mean \(NameText.shown($0))?" }
    }

    private var directory: StreamDirectory? {
        get async { await withinLimit { try await client.directory() } }
    }

    /// Returns what the server says; nil if it says nothing within two seconds.
    private func withinLimit<Value: Sendable>(_ ask: @escaping @Sendable () async throws -> Value) async -> Value? {
        try? await firstResult(of: [
            ask,
            {
                try await Timer.sleep(for: .seconds(2))
                throw CancellationError()
            },
        ])
    }
}

/// The number of shards that a stream seems to have, by the names of the streams that exist.
struct ShardGuess: Sendable, Equatable {
    let stream: String
    /// The numbers of the shards that exist, in order.
    let numbers: [Int]

    /// The number of shards; more if the last ones have no records yet.
    var count: Int { (numbers.last ?? 0) + 1 }

    /// Finds the shards of a stream; nil if the streams that exist do not look like its shards.
    ///
    /// Of `orders-2024` and `orders-2025`, the numbers are years: too few of those below them exist.
    init?(of stream: String, among streams: some Sequence<String>) {
        let found = Set(streams.compactMap { Self.number(of: $0, in: stream) }).sorted()
        guard let last = found.last, last < 32 || found.count * 2 > last else { return nil }
        self.stream = stream
        numbers = found
    }

    /// The streams that exist, and the option that takes them: `products-0 to products-7 exist: add --shards 8`.
    var text: String {
        let stream = NameText.shown(stream)
        guard let first = numbers.first, let last = numbers.last, first != last else {
            return "\(stream)-\(numbers.first ?? 0) exists: add --shards \(count)"
        }
        return "\(stream)-\(first) to \(stream)-\(last) exist: add --shards \(count)"
    }

    private static func number(of shard: String, in stream: String) -> Int? {
        guard let digits = shard.removing(prefix: stream + "-") else { return nil }
        guard let number = Int(digits), String(number) == digits, (0..<Sharding.maximumCount).contains(number) else {
            return nil
        }
        return number
    }
}
