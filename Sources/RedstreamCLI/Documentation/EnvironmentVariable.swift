/// A variable of the environment, as the manual describes it.
struct EnvironmentVariable: Sendable {
    /// The commands that it concerns.
    enum Scope: Sendable {
        /// Those that connect to a server.
        case connection
        /// Those that can show colours.
        case color
        /// Those that take points in time.
        case time
        /// Those of these names.
        case commands([String])
    }

    let name: String
    let meaning: String
    let scope: Scope

    /// Returns whether it concerns a command.
    func concerns(_ command: CommandHelp) -> Bool {
        let arguments = command.allArguments
        return switch scope {
        case .connection: arguments.contains { $0.valueName == "url" }
        case .color: arguments.contains { $0.names?.contains { $0.name == "color" } == true }
        case .time: arguments.contains { ["time", "position"].contains($0.valueName ?? "") }
        case .commands(let names): names.contains(command.commandName)
        }
    }

    /// Every variable that is read.
    static let all: [EnvironmentVariable] = [
        .init(name: "REDSTREAM_URL", meaning: "The server, if --url is not given.", scope: .connection),
        .init(
            name: "REDIS_URL", meaning: "The server, if neither is given. Without any it is redis://127.0.0.1:6379.",
            scope: .connection),
        .init(
            name: "REDSTREAM_NAMESPACE", meaning: "The prefix of all keys, if --namespace is not given.",
            scope: .connection),
        .init(name: "NO_COLOR", meaning: "Set to anything, it turns colours off.", scope: .color),
        .init(name: "TERM", meaning: "The kind of terminal; dumb turns colours off.", scope: .color),
        .init(name: "TZ", meaning: "The time zone of points in time that name none.", scope: .time),
        .init(
            name: "TMPDIR", meaning: "The directory of temporary files; without it /tmp.",
            scope: .commands(["produce", "sandbox", "shell"])),
        .init(
            name: "REDSTREAM_HISTFILE", meaning: "The file of the shell's history; empty for none.", scope: shell),
        .init(
            name: "XDG_STATE_HOME",
            meaning:
                "The directory that holds redstream/history, if REDSTREAM_HISTFILE is not set; without it ~/.local/state.",
            scope: shell),
        .init(name: "HOME", meaning: "The home directory, for ~ in the names of files.", scope: shell),
        .init(
            name: "REDSTREAM_PAGER", meaning: "The command that shows tall output; empty or cat for none.", scope: shell
        ),
        .init(
            name: "PAGER", meaning: "The same, if REDSTREAM_PAGER is not set; without it less -RX.", scope: shell),
        .init(
            name: "LESSCHARSET", meaning: "The character set of less; without it UTF-8, which is what is shown.",
            scope: shell),
        .init(name: "PATH", meaning: "The directories of commands, for less and for completion.", scope: shell),
        .init(name: "VISUAL", meaning: "The editor of the shell's command edit.", scope: shell),
        .init(name: "EDITOR", meaning: "The same, if VISUAL is not set; without it vi.", scope: shell),
        .init(name: "EDITRC", meaning: "The file of key bindings; without it ~/.editrc.", scope: shell),
        .init(
            name: "REDSTREAM_STREAM", meaning: "Set for the command of --exec: the stream, or the shard, of the batch.",
            scope: exec),
        .init(name: "REDSTREAM_CONSUMER", meaning: "Set for the command of --exec: the consumer.", scope: exec),
        .init(
            name: "REDSTREAM_FIRST_ID", meaning: "Set for the command of --exec: the id of the first entry.",
            scope: exec),
        .init(
            name: "REDSTREAM_LAST_ID", meaning: "Set for the command of --exec: the id of the last entry.", scope: exec),
        .init(name: "REDSTREAM_COUNT", meaning: "Set for the command of --exec: the number of entries.", scope: exec),
        .init(
            name: "REDSTREAM_ATTEMPT", meaning: "Set for the command of --exec: the number of the attempt, from 1.",
            scope: exec),
    ]

    private static let shell = Scope.commands(["shell", "sandbox"])
    private static let exec = Scope.commands(["consume"])
}
