/// A variable of the environment that options read which commands share.
struct SharedVariable: Sendable {
    private let variable: EnvironmentVariable
    private let concerns: @Sendable (CommandGrammar.Argument) -> Bool

    /// Returns the variables that concern a command, those that it names itself behind the others.
    static func of(_ command: CommandGrammar) -> [EnvironmentVariable] {
        let arguments = command.allArguments
        return all.filter { arguments.contains(where: $0.concerns) }.map(\.variable) + (command.tool?.environment ?? [])
    }

    /// Returns every variable that is read, each once.
    static func ofAll(_ root: CommandGrammar) -> [EnvironmentVariable] {
        let own = root.shownMembers.flatMap { $0.tool?.environment ?? [] }
        return (all.map(\.variable) + own).reduce(into: []) { variables, variable in
            if !variables.contains(where: { $0.name == variable.name }) { variables.append(variable) }
        }
    }

    private init(
        _ name: String, _ meaning: String, _ concerns: @escaping @Sendable (CommandGrammar.Argument) -> Bool
    ) {
        variable = EnvironmentVariable(name: name, meaning: meaning)
        self.concerns = concerns
    }

    private static let all = [
        SharedVariable("REDSTREAM_URL", "The server, if --url is not given.") { $0.valueName == "url" },
        SharedVariable("REDIS_URL", "The server, if neither is given. Without any it is redis://127.0.0.1:6379.") {
            $0.valueName == "url"
        },
        SharedVariable("REDSTREAM_NAMESPACE", "The prefix of all keys, if --namespace is not given.") {
            $0.valueName == "url"
        },
        SharedVariable("NO_COLOR", "Set to anything, it turns colours off.") { $0.longName == "color" },
        SharedVariable("TERM", "The kind of terminal; dumb turns colours off.") { $0.longName == "color" },
        SharedVariable("TZ", "The time zone of points in time that name none.") {
            ["time", "position"].contains($0.valueName ?? "")
        },
    ]
}
