import LineEditing
import RedisClient
import Redstream

extension Shell {
    /// Runs a command of the shell itself.
    func perform(
        _ builtin: ShellBuiltin, _ words: [[UInt8]], in context: CommandContext
    ) async throws -> Outcome {
        let texts = words.map { String(decoding: $0, as: UTF8.self) }
        let argument = texts.first
        switch builtin {
        case .exit, .quit: return .left
        case .use: try await use(argument, in: context)
        case .namespace: session.update { $0.namespace = argument.flatMap { $0.isEmpty ? nil : $0 } }
        case .db:
            guard let argument, Int(argument) != nil else { throw Self.usage(builtin) }
            return try await performRaw([Array("SELECT".utf8), Array(argument.utf8)], in: context)
        case .connect:
            guard let argument else { throw Self.usage(builtin) }
            try await connect(to: argument)
        case .output:
            guard let argument, ["text", "json", "default"].contains(argument) else { throw Self.usage(builtin) }
            session.update { $0.output = argument == "default" ? nil : argument }
        case .timing:
            guard let argument, ["on", "off"].contains(argument) else { throw Self.usage(builtin) }
            session.update { $0.showsEveryTime = argument == "on" }
        case .redis:
            guard !words.isEmpty else { throw Self.usage(builtin) }
            return try await performRaw(words, in: context)
        case .watch: return try await watch(words, in: context)
        case .edit: return try await edit(texts.joined(separator: " "), in: context)
        case .history:
            let lines = history?.lines.map(TerminalText.escaped) ?? []
            try await show(lines.map { $0 + "\n" }.joined(), in: context)
        case .clear: if context.outputIsTerminal { try await context.output.write(Array("\u{1B}[H\u{1B}[2J".utf8)) }
        case .help: try await help(texts, in: context)
        }
        return .ran(.done)
    }

    static func usage(_ builtin: ShellBuiltin) -> Failure {
        Failure(.usage, "usage: \(builtin.rawValue) \(builtin.arguments)", hint: "help")
    }

    /// Shows a text, by the pager where it is taller than the screen.
    func show(_ text: String, in context: CommandContext) async throws {
        try await show(Array(text.utf8), in: context)
    }

    /// Shows bytes that are safe for the output they go to, by the pager where they are taller than the screen.
    func show(_ text: [UInt8], in context: CommandContext) async throws {
        // What another command gathers, `watch` for one, is not for the pager.
        guard reader?.isEditing == true, context.output === self.context.output else {
            return try await context.output.write(text)
        }
        try await people.waits { try await ShellOutput.show(text, in: context) }
    }

    private func use(_ stream: String?, in context: CommandContext) async throws {
        guard let stream, !stream.isEmpty else {
            session.update { $0.stream = nil }
            return
        }
        let keys = session.keys
        session.update { $0.stream = stream }
        guard reader != nil else { return }
        // A stream may well be named before it has entries; only a hint that the name may be mistyped.
        let key = keys.stream(stream)
        let found = try? await session.client.pool.withConnection(for: key) { connection in
            // In a cluster the two may lie on different nodes.
            if try await connection.call("EXISTS", key).integer == 1 { return true }
            return try await connection.call("EXISTS", keys.delayStream(stream)).integer == 1
        }
        if found == false { context.console.note("there is no stream \(stream) yet") }
    }

    private func connect(to url: String) async throws {
        var configuration: RedisConfiguration
        do {
            configuration = try RedisConfiguration(url: url)
            // The certificates that the shell was started with are for every server that wants some.
            if configuration.tls != nil, let known = session.state.configuration.tls { configuration.tls = known }
        } catch {
            throw Failure(.usage, "the URL \(error)")
        }
        let connection = try await RedisConnection.connect(to: configuration, name: "redstream:shell")
        connection.close()
        raw.drop()
        session.update {
            $0.configuration = configuration
            $0.isDown = false
        }
        catalogue.forget()
    }

    private static func isEdit(_ line: String) -> Bool {
        line.split(separator: " ").first.map(String.init) == ShellBuiltin.edit.rawValue
    }

    private func edit(_ text: String, in context: CommandContext) async throws -> Outcome {
        // The last line is the one that asks for this.
        let initial = text.isEmpty ? history?.lines.last { !Self.isEdit($0) } ?? "" : text
        guard reader != nil else { throw Failure(.usage, "there is no terminal to edit on") }
        let edited = try await ShellOutput.edited(initial, environment: context.environment)
        guard !edited.trimmingBlanks.isEmpty else { return .ran(.done) }
        context.console.say(TerminalText.escaped(edited))
        history?.add(edited)
        reader?.addHistory(edited)
        return await run(Array(edited.utf8), in: context)
    }
}
