import LineEditing
import Redstream
import RedstreamSystem

extension Shell {
    /// Runs a command again and again, on a screen of its own where there is one.
    func watch(_ words: [[UInt8]], in context: CommandContext) async throws -> Outcome {
        let arguments = WatchArguments(words.map { String(decoding: $0, as: UTF8.self) }[...])
        guard let text = arguments.interval else { throw Self.usage(.watch) }
        let interval: DurationText
        do { interval = try DurationText(text) } catch { throw Failure(.usage, "watch \(text): \(error)") }
        let (texts, condition) = (arguments.command, arguments.condition)
        let command = Array(words.suffix(texts.count))
        guard !command.isEmpty, interval.duration > .zero else { throw Self.usage(.watch) }
        guard ShellBuiltin(rawValue: texts.first ?? "") != .watch else {
            throw Failure(.usage, "watch cannot watch itself")
        }
        let title = "every \(interval): \(TerminalText.escaped(texts.joined(separator: " ")))"
        if context.outputIsTerminal { try await context.output.write(Array("\u{1B}[H\u{1B}[2J".utf8)) }
        while true {
            // Asked before, so that the last output shows what it was waited for.
            let hasCaughtUp = condition == .noLag ? try await hasCaughtUp() : false
            let (outcome, bytes) = try await ShellOutput.capturing(from: context) { context in
                try await perform(command, in: context)
            }
            // What a failure has said is not to be wiped off.
            let isDrawn = context.outputIsTerminal && outcome == .ran(.done)
            try await context.output.write(isDrawn ? Self.drawn(bytes, title) : bytes)
            guard outcome == .ran(.done) else { return outcome }
            if hasCaughtUp || condition == .empty && Self.isEmpty(bytes) { return .ran(.done) }
            if await context.signals.waits(for: interval.duration) { return .ran(.done) }
        }
    }

    /// A title and an output over what was on the screen before, as far as it fits.
    private static func drawn(_ bytes: [UInt8], _ title: String) -> [UInt8] {
        var lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        if lines.last == "" { lines.removeLast() }
        lines.insert(contentsOf: [Substring(title), ""], at: 0)
        // A row stays for the cursor, and for the prompt in the end.
        if let size = TerminalSize(of: STDOUT_FILENO), size.fitting(lines, rows: size.rows - 1).count < lines.count {
            let shown = size.fitting(lines, rows: size.rows - 2)
            lines = shown + ["… \(lines.count - shown.count) more lines"]
        }
        return Array(("\u{1B}[H" + lines.map { $0 + "\u{1B}[K\n" }.joined() + "\u{1B}[J").utf8)
    }

    private static func isEmpty(_ bytes: [UInt8]) -> Bool {
        let text = String(decoding: bytes, as: UTF8.self).trimmingBlanks
        return ["", "(nil)", "(empty array)", "(integer) 0", "0", "[]", "null"].contains(text)
    }

    /// Whether no consumer of the stream in use, or of any, lags.
    private func hasCaughtUp() async throws -> Bool {
        let client = StreamClient(pool: session.client.pool, namespace: session.state.namespace)
        let report = try await Inspector(client, options: .init(stream: session.state.stream)).report()
        return report.consumers.allSatisfy { ($0.lag?.value ?? 0) == 0 }
    }
}

extension SignalMonitor {
    /// Waits for a time; true where a request came first.
    fileprivate func waits(for time: Duration) async -> Bool {
        await withTaskGroup(of: Bool.self) { tasks in
            tasks.addTask { await self.request(1) != nil }
            tasks.addTask {
                try? await Task.sleep(for: time)
                return false
            }
            defer { tasks.cancelAll() }
            return await tasks.next() ?? false
        }
    }
}
