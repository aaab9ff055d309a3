import RedstreamConnection

/// The prompt: server, database, namespace, stream, transaction, and whether the server is away.
enum ShellPrompt {
    /// The prompt for a state; colours stand between two U+0001.
    static func text(_ state: ShellSession.State, isColored: Bool) -> String {
        var parts = [server(state.configuration)]
        if let namespace = state.namespace, !namespace.isEmpty { parts.append("@\(TerminalText.escaped(namespace))") }
        if let stream = state.stream { parts.append(colored(TerminalText.escaped(stream), "36", isColored)) }
        if state.isInTransaction { parts.append(colored("(TX)", "33", isColored)) }
        if state.isDown { parts.append(colored("(down)", "31", isColored)) }
        return parts.joined(separator: " ") + "> "
    }

    /// The prompt of further lines.
    static let continuation = "...> "

    private static func server(_ configuration: RedisConfiguration) -> String {
        let address =
            switch configuration.address {
            case .tcp: configuration.address.description
            case .sentinel(let service, _): service
            case .cluster(let nodes): "cluster:" + (nodes.first?.description ?? "") + (nodes.count > 1 ? ",…" : "")
            case .unix(let path): path.unicodeScalars.split(separator: "/").last.map(String.init) ?? path
            }
        return TerminalText.escaped(address) + (configuration.database == 0 ? "" : "[\(configuration.database)]")
    }

    private static func colored(_ text: String, _ code: String, _ isColored: Bool) -> String {
        isColored ? "\u{1}\u{1B}[\(code)m\u{1}\(text)\u{1}\u{1B}[0m\u{1}" : text
    }
}
