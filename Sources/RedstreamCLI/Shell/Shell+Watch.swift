import LineEditing
import Redstream
import RedstreamSystem

extension Shell {
    /// Runs a command again and again, on a cleared screen if there is a terminal.
    func perform(_ watch: Watch, in context: CommandContext) async throws -> Outcome {
        let gate = try WatchGate(watch, self, in: context)
        if context.outputIsTerminal { try await context.output.write(Array("\u{1B}[H\u{1B}[2J".utf8)) }
        let deadline = watch.timeout.map { ContinuousClock.now.advanced(by: $0) }
        var laggards: [String] = []
        while true {
            // The time may be up between two looks: one more tells how it stands now.
            let isLast = deadline.map { $0 <= .now } ?? false
            let limit = isLast ? .now.advanced(by: .seconds(5)) : deadline
            // Asked before the command runs, so that the last output shows the state that was waited for.
            guard let found = try await context.until(limit, { try await gate.laggards(in: $0) }) else {
                if isLast { throw gate.timedOut(watch.timeout, laggards, in: context) }
                continue
            }
            laggards = found
            let ran = try await context.until(limit) { context in
                try await ShellOutput.capturing(from: context) { try await perform(watch.command, in: $0) }
            }
            guard let (outcome, bytes) = ran else { throw gate.timedOut(watch.timeout, laggards, in: context) }
            // The text of a failure stays on the screen.
            let isDrawn = context.outputIsTerminal && outcome == .ran(.done)
            try await context.output.write(isDrawn ? Self.drawn(bytes, watch.title) : bytes)
            guard outcome == .ran(.done) else { return outcome }
            switch watch.condition {
            case .noLag where laggards.isEmpty: return .ran(.done)
            case .empty where Self.isEmpty(bytes):
                try await gate.requireStream(in: context)
                return .ran(.done)
            default: if isLast { throw gate.timedOut(watch.timeout, laggards, in: context) }
            }
            let rest = deadline.map { min(watch.interval, ContinuousClock.now.duration(to: $0)) } ?? watch.interval
            if await context.signals.waits(for: rest) { return .ran(.done) }
        }
    }

    /// Returns a title and an output that replace the text on the screen, as far as they fit.
    private static func drawn(_ bytes: [UInt8], _ title: String) -> [UInt8] {
        var lines = String(decoding: bytes, as: UTF8.self).unicodeScalars
            .split(separator: "\n", omittingEmptySubsequences: false).map(Substring.init)
        if lines.last == "" { lines.removeLast() }
        lines.insert(contentsOf: [Substring(title), ""], at: 0)
        // A row stays for the cursor, and for the prompt in the end.
        if let size = TerminalSize(of: STDOUT_FILENO), size.fitting(lines, rows: size.rows - 1).count < lines.count {
            let shown = size.fitting(lines, rows: size.rows - 2)
            lines = shown + ["… \((lines.count - shown.count).grouped) more lines"]
        }
        return Array(("\u{1B}[H" + lines.map { $0 + "\u{1B}[K\n" }.joined() + "\u{1B}[J").utf8)
    }

    private static func isEmpty(_ bytes: [UInt8]) -> Bool {
        let text = String(decoding: bytes, as: UTF8.self).trimmingBlanks
        return ["", "(nil)", "(empty array)", "(integer) 0", "0", "[]", "null"].contains(text)
    }
}

extension CommandContext {
    /// Runs work that is asked to stop, as by Ctrl-C, when a deadline is reached.
    ///
    /// - Parameters:
    ///   - deadline: The deadline; nil for none.
    ///   - body: The work, in a context whose signals say when to stop.
    /// - Returns: The result of `body`; nil if the deadline came first.
    /// - Throws: The errors of `body` before the deadline.
    fileprivate func until<Value: Sendable>(
        _ deadline: ContinuousClock.Instant?, _ body: @escaping @Sendable (CommandContext) async throws -> Value
    ) async throws -> Value? {
        guard let deadline else { return try await body(self) }
        let signals = SignalMonitor()
        signals.leaveToCommand()
        var inner = self
        inner.signals = signals
        let context = inner
        return try await firstResult(of: [
            {
                do {
                    let value = try await body(context)
                    return signals.first == nil || self.signals.first != nil ? value : nil
                } catch  where signals.first != nil && self.signals.first == nil {
                    return nil
                }
            },
            {
                if let request = await self.signals.request(1) { signals.send(request) }
                throw await signals.cancellation()
            },
            {
                try await Timer.sleep(until: deadline)
                signals.send(.interrupt)
                throw await signals.cancellation()
            },
        ])
    }
}
