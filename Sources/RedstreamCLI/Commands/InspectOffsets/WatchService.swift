import Redstream
import RedstreamConnection
import RedstreamSystem
import ServiceLifecycle

/// Shows a report again and again, on a terminal in place of the last one.
struct WatchService: Service {
    private let look: StatusLook
    private let format: InspectFormat
    private let interval: Duration
    private let context: CommandContext
    private let isColored: Bool

    init(
        _ look: StatusLook, format: InspectFormat, interval: Duration, context: CommandContext, isColored: Bool
    ) {
        self.look = look
        self.format = format
        self.interval = interval
        self.context = context
        self.isColored = isColored
    }

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            do { try await watch() } catch is CancellationError {}
        }
    }

    private func watch() async throws {
        let inspector = Inspector(look.client, options: look.options)
        var last: StatusReport?
        while true {
            let (report, absence) = try await look.client.withRetries(for: nil) {
                let report = try await inspector.report(comparedWith: last)
                return (report, try await self.nothing(in: report))
            }
            last = report
            let text = StatusText(
                report, namespace: look.client.keys.namespace, isForTerminal: context.outputIsTerminal,
                isColored: isColored, nothing: absence
            ).text(format)
            // Home, then each line cleared to its end, then what is below: no flicker.
            let screen = "\u{1B}[H" + (text + "\n").replacing("\n", with: "\u{1B}[K\n") + "\u{1B}[J"
            try await context.output.write(Array((context.outputIsTerminal ? screen : text + "\n").utf8))
            try await Timer.sleep(for: interval)
        }
    }

    /// Returns the text of a table if there is nothing, or not the names that were asked for, which may still come.
    private func nothing(in report: StatusReport) async throws -> String? {
        guard format == .table else { return nil }
        guard let missing = try await look.missing(in: report, isCheck: false) else {
            return await look.nothing(in: report)
        }
        return missing.message.replacing("cannot inspect: ", with: "") + (missing.hint.map { ": \($0)" } ?? "")
    }
}
