import LineEditing
import Redstream
import RedstreamConnection

extension Shell {
    /// Runs a command of the shell itself.
    func perform(
        _ builtin: ShellBuiltin, _ words: [String], in context: CommandContext
    ) async throws -> Outcome {
        let argument = words.first
        switch builtin {
        case .exit, .quit: return .left
        case .use: try await use(argument.map { try Self.name($0, of: builtin) }, in: context)
        case .namespace:
            let namespace = try argument.map { try Self.name($0, of: builtin) }
            session.update { $0.namespace = namespace.flatMap { $0.isEmpty ? nil : $0 } }
        case .db:
            guard let argument else { return try await tell("db \(session.state.configuration.database)", in: context) }
            guard Int(argument) != nil else { throw builtin.usage }
            return try await perform(RedisWords([Array("SELECT".utf8), Array(argument.utf8)]), in: context)
        case .connect:
            guard let argument else {
                return try await tell("connect \(ServerURL(session.state.configuration).withoutPassword)", in: context)
            }
            try await connect(to: argument, in: context)
        case .output:
            guard let argument else {
                return try await tell("output \(session.state.output ?? "default")", in: context)
            }
            guard ["text", "json", "default"].contains(argument) else { throw builtin.usage }
            session.update { $0.output = argument == "default" ? nil : argument }
        case .encoding:
            guard let argument else {
                return try await tell("encoding \(session.state.encoding.rawValue)", in: context)
            }
            guard let encoding = ReplyEncoding(rawValue: argument) else { throw builtin.usage }
            session.update { $0.encoding = encoding }
        case .timing:
            guard let argument else {
                return try await tell("timing \(session.state.showsEveryTime ? "on" : "off")", in: context)
            }
            guard ["on", "off"].contains(argument) else { throw builtin.usage }
            session.update { $0.showsEveryTime = argument == "on" }
        case .edit: return try await edit(words.joined(separator: " "), in: context)
        case .history:
            let lines = history?.lines.map(TerminalText.escaped) ?? []
            try await show(lines.map { $0 + "\n" }.joined(), in: context)
        case .clear: if context.outputIsTerminal { try await context.output.write(Array("\u{1B}[H\u{1B}[2J".utf8)) }
        case .help: try await help(words, in: context)
        // They wrap other commands, and are parsed into those.
        case .redis, .watch: throw builtin.usage
        }
        return .ran(.done)
    }

    private static func name(_ text: String, of builtin: ShellBuiltin) throws -> String {
        do { return try NameText.parsed(text) } catch { throw Failure(.usage, "\(builtin.rawValue) \(text): \(error)") }
    }

    /// Prints a setting as it could be typed.
    private func tell(_ setting: String, in context: CommandContext) async throws -> Outcome {
        try await show(TerminalText.escaped(setting) + "\n", in: context)
        return .ran(.done)
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
        let found = try? await context.interruptible {
            try await session.client.pool.withConnection(for: key) { connection in
                // In a cluster the two may lie on different nodes.
                if try await connection.call("EXISTS", key).integer == 1 { return true }
                return try await connection.call("EXISTS", keys.delayStream(stream)).integer == 1
            }
        }
        guard found == false else { return }
        let client = StreamClient(pool: session.client.pool, namespace: session.state.namespace)
        context.console.note("there is no stream \(stream) yet", advice: await NameAdvice(client).onStream(stream))
    }

    /// A URL in full: the name of a server, and the path of a socket, need no scheme.
    static func url(_ text: String) -> String {
        text.contains("://") ? text : (text.begins(with: "/") ? "unix://" : "redis://") + text
    }

    private func connect(to server: String, in context: CommandContext) async throws {
        guard !server.begins(with: "-") else { throw ShellBuiltin.connect.usage }
        var configuration: RedisConfiguration
        do {
            configuration = try RedisConfiguration(url: Self.url(server))
            // The certificates that the shell was started with are for every server that wants some.
            if configuration.tls != nil, let known = session.state.configuration.tls { configuration.tls = known }
        } catch {
            throw Failure(.usage, "the URL \(error)")
        }
        let wanted = configuration
        do {
            try await context.interruptible {
                try await RedisConnection.connect(to: wanted, name: "redstream:shell").close()
            }
        } catch let error as RedisError {
            var failure = Failure(
                error, while: "the server stays \(ServerURL(session.state.configuration).withoutUser)",
                in: .init(server: wanted, place: .shell))
            // The next command goes to the old server.
            if error.isServerUnreachable { failure.hint = nil }
            throw failure
        }
        raw.drop()
        session.update {
            $0.configuration = wanted
            $0.isDown = false
        }
        catalogue.forget()
    }

    private static func isEdit(_ line: String) -> Bool {
        line.unicodeScalars.split(separator: " ").first.map(String.init) == ShellBuiltin.edit.rawValue
    }

    private func edit(_ text: String, in context: CommandContext) async throws -> Outcome {
        // The last line is the one that asks for this.
        let initial = text.isEmpty ? history?.lines.last { !Self.isEdit($0) } ?? "" : text
        guard reader != nil else { throw Failure(.usage, "there is no terminal to edit on") }
        guard let edited = try await ShellEditor.edited(initial, environment: context.environment) else {
            context.console.note("the editor saved nothing: nothing is run")
            return .ran(.done)
        }
        guard !edited.trimmingBlanks.isEmpty else { return .ran(.done) }
        context.console.say(TerminalText.escaped(edited))
        history?.add(edited)
        reader?.addHistory(edited)
        return await run(Array(edited.utf8), in: context)
    }
}
