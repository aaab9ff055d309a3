import Redstream
import RedstreamConnection
import RedstreamSystem

/// A look at the streams and consumers that a command names, which may not exist.
struct StatusLook: Sendable {
    let client: StreamClient
    let options: Inspector.Options
    let location: Location

    /// Looks at everything, twice if only a second look tells who stands still.
    func report() async throws -> StatusReport {
        let inspector = Inspector(client, options: options)
        let report = try await inspector.report()
        guard inspector.mayBeStalled(report) else { return report }
        try await Timer.sleep(for: .seconds(1))
        return try await inspector.report(comparedWith: report)
    }

    /// Returns the failure for a name that was asked for and does not exist, or for a check that has nothing to check.
    ///
    /// - Parameters:
    ///   - report: The report.
    ///   - isCheck: True if it is to be checked: then it must have consumers.
    /// - Returns: The failure, with what was probably meant; nil if everything exists.
    /// - Throws: `RedisError`.
    func missing(in report: StatusReport, isCheck: Bool) async throws -> Failure? {
        guard report.consumers.isEmpty else { return nil }
        let advice = NameAdvice(client)
        if let stream = options.stream, try await !exists(stream, in: report) {
            let isSharded = options.sharding != nil
            return failure(
                "there is no \(isSharded ? "shard of" : "stream") \(NameText.shown(stream)) at \(location)",
                await advice.onStream(stream))
        }
        if let consumer = options.consumer {
            let name = options.stream.map { ConsumerName(stream: $0, name: consumer) }
            let owner = name.map { " of \(NameText.shown($0.stream))" } ?? ""
            return failure(
                "there is no consumer \(NameText.shown(consumer))\(owner) at \(location)",
                await advice.onConsumer(consumer, of: name?.stream))
        }
        guard isCheck else { return nil }
        if let stream = options.stream {
            return failure("stream \(NameText.shown(stream)) has no consumers to check at \(location)", nil)
        }
        return failure("there are no consumers to check at \(location)", await advice.onNamespace())
    }

    /// Returns what to say if there is nothing at all: the place, and the namespaces that there are.
    func nothing(in report: StatusReport) async -> String? {
        guard report.consumers.isEmpty, report.streams.isEmpty else { return nil }
        let namespaces = await NameAdvice(client).onNamespace().map {
            ". " + $0.prefix(1).uppercased() + $0.dropFirst()
        }
        return "nothing at \(location)" + (namespaces ?? "")
    }

    private func exists(_ stream: String, in report: StatusReport) async throws -> Bool {
        if report.streams.contains(where: { $0.length != nil || $0.delay != nil }) { return true }
        // A delay stream is shown with its stream, and not by itself.
        guard options.sharding == nil else { return false }
        return try await client.lastID(of: stream) != nil
    }

    private func failure(_ reason: String, _ advice: String?) -> Failure {
        Failure(
            .checkFailed, "cannot inspect: \(reason)", hint: advice ?? "redstream inspect-offsets lists all there are")
    }
}
