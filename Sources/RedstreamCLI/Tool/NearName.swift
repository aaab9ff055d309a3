import RedisClient
import Redstream

/// Finds what was probably meant by the name of a stream or a consumer that does not exist.
enum NearName {
    /// The nearest name there is; nil where none is near, or the server does not tell within two seconds.
    static func of(_ error: RedstreamError, on client: StreamClient) async -> String? {
        switch error {
        case .unknownStream(let name):
            guard let streams = await directory(client)?.streams else { return nil }
            return SpellCheck.closest(to: name, among: streams.filter { !StreamDirectory.isDerived($0) })
        case .unknownConsumer(let name):
            guard let all = await directory(client)?.consumers else { return nil }
            return SpellCheck.closest(to: name.name, among: all.filter { $0.stream == name.stream }.map(\.name))
        default: return nil
        }
    }

    private static func directory(_ client: StreamClient) async -> StreamDirectory? {
        await withTaskGroup(of: StreamDirectory?.self) { tasks in
            tasks.addTask { try? await client.directory() }
            tasks.addTask {
                try? await Task.sleep(for: .seconds(2))
                return nil
            }
            defer { tasks.cancelAll() }
            return await tasks.next() ?? nil
        }
    }
}
