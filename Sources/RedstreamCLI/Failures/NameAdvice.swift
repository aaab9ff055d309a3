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
        guard let found = await withinLimit({ try await client.directory() }) else { return nil }
        if let advice = Self.onStream(name, in: found) { return advice }
        let others = found.streams.filter { !$0.isSame(as: name) && !$0.isSame(as: Keyspace.delayStreamName(of: name)) }
        return others.isEmpty ? await onNamespace() : nil
    }

    /// Returns advice on a consumer that does not exist, of a stream, or of any.
    func onConsumer(_ name: String, of stream: String?) async -> String? {
        guard let found = await withinLimit({ try await client.directory() }) else { return nil }
        return Self.onConsumer(name, of: stream, in: found)
    }

    /// Returns the name nearest to that of a consumer that is new to some streams.
    func onNewConsumer(_ name: String, of streams: [String]) async -> String? {
        guard let found = await withinLimit({ try await client.directory() }) else { return nil }
        let streams = Set(streams.map(ExactText.init))
        let others = found.consumers.filter { streams.contains(ExactText($0.stream)) }.map(\.name)
        return Self.nearest(to: name, among: Self.unique(others))
    }

    /// Returns advice on a stream, or on the shards of one, that did not exist until now.
    func onNewStream(_ name: String, _ shards: Sharding?) async -> String? {
        guard shards != nil else { return await onStream(name) }
        guard let found = await withinLimit({ try await client.directory() }) else { return nil }
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

    /// Returns what the server says; nil if it says nothing within two seconds.
    private func withinLimit<Value: Sendable>(_ ask: @escaping @Sendable () async throws -> Value) async -> Value? {
        await withTaskGroup(of: Value?.self) { tasks in
            tasks.addTask { try? await ask() }
            tasks.addTask {
                try? await Timer.sleep(for: .seconds(2))
                return nil
            }
            defer { tasks.cancelAll() }
            return await tasks.next() ?? nil
        }
    }
}
