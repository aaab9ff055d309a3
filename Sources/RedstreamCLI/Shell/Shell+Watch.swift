import Redstream

extension Shell {
    private enum StopCondition: String {
        case never
        case empty = "--until-empty"
        case noLag = "--until-no-lag"
    }

    /// Runs a command again and again, on a screen of its own where there is one.
    func watch(_ words: [[UInt8]], in context: CommandContext) async throws -> Outcome {
        var texts = words.map { String(decoding: $0, as: UTF8.self) }[...]
        guard let interval = texts.popFirst().flatMap({ try? DurationText($0) }) else { throw Self.usage(.watch) }
        var condition = StopCondition.never
        if let first = texts.first, let named = StopCondition(rawValue: first) {
            condition = named
            texts.removeFirst()
        }
        let command = Array(words.suffix(texts.count))
        guard !command.isEmpty, interval.duration > .zero else { throw Self.usage(.watch) }
        guard ShellBuiltin(rawValue: texts.first ?? "") != .watch else {
            throw Failure(.usage, "watch cannot watch itself")
        }
        let title = "every \(interval): \(TerminalText.escaped(texts.joined(separator: " ")))"
        while true {
            let (outcome, bytes) = try await ShellOutput.capturing(from: context) { context in
                try await perform(command, in: context)
            }
            var screen: [UInt8] = []
            if context.outputIsTerminal { screen += Array("\u{1B}[H\u{1B}[2J\(title)\n\n".utf8) }
            try await context.output.write(screen + bytes)
            guard outcome == .ran(.done) else { return outcome }
            if try await holds(condition, bytes) { return .ran(.done) }
            if await context.signals.waits(for: interval.duration) { return .ran(.done) }
        }
    }

    private func holds(_ condition: StopCondition, _ bytes: [UInt8]) async throws -> Bool {
        switch condition {
        case .never: return false
        case .empty:
            let text = String(decoding: bytes, as: UTF8.self).trimmingBlanks
            return ["", "(nil)", "(empty array)", "(integer) 0", "0", "[]", "null"].contains(text)
        case .noLag:
            let client = StreamClient(pool: session.client.pool, namespace: session.state.namespace)
            let report = try await Inspector(client, options: .init(stream: session.state.stream)).report()
            return report.consumers.allSatisfy { ($0.lag?.value ?? 0) == 0 }
        }
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
