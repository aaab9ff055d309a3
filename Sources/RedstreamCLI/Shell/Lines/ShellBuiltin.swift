import Redstream

/// The commands that the shell adds.
enum ShellBuiltin: String, CaseIterable, Sendable {
    case use
    case namespace
    case db
    case connect
    case output
    case encoding
    case timing
    case redis
    case watch
    case edit
    case history
    case clear
    case help
    case exit
    case quit

    /// The arguments that may follow the name.
    var arguments: String {
        switch self {
        case .use: "[STREAM]"
        case .namespace: "[NAME]"
        case .db: "[N]"
        case .connect: "[URL]"
        case .output: "[text|json|default]"
        case .encoding: "[utf8|ascii]"
        case .timing: "[on|off]"
        case .redis: "COMMAND [ARGUMENT …]"
        case .watch: "INTERVAL [--until-empty|--until-no-lag [--timeout DURATION]] COMMAND [ARGUMENT …]"
        case .edit: "[COMMAND]"
        case .help: "[COMMAND|@CATEGORY]"
        case .history, .clear, .exit, .quit: ""
        }
    }

    /// The most words that may follow the name; nil for any number.
    var mostWords: Int? {
        switch self {
        case .redis, .watch, .edit: nil
        case .help: 2
        case .use, .namespace, .db, .connect, .output, .encoding, .timing: 1
        case .history, .clear, .exit, .quit: 0
        }
    }

    /// One line about it.
    var summary: String {
        switch self {
        case .use: "set the default --stream; without a name, clear it"
        case .namespace: "set the key prefix; without a name, clear it"
        case .db: "change to another database"
        case .connect: "change to another server"
        case .encoding: #"show UTF-8 as text, or with \x for every byte outside ASCII, as redis-cli does"#
        case .output: "the format of every command that has it"
        case .timing: "show every command's time, not only from half a second on"
        case .redis: "send a command to Redis, whatever its name"
        case .watch: "run a command again and again; Ctrl-C ends it"
        case .edit: "write a command, or change the last one, in $EDITOR"
        case .history: "show what was typed"
        case .clear: "clear the screen"
        case .help: "show this, a command's help, or a category of Redis's commands"
        case .exit, .quit: "leave, as Ctrl-D does"
        }
    }

    /// The failure for words that make no sense.
    var usage: Failure { Failure(.usage, "usage: \(rawValue) \(arguments)", hint: "help \(rawValue)") }

    /// Returns the failure for more words than the command takes.
    func surplus(_ count: Int) -> Failure {
        let most = mostWords ?? 0
        let limit = most == 0 ? "no argument" : most.counted("argument", "arguments")
        return Failure(
            .usage, "\(rawValue) takes \(limit), not \(count)",
            hint: most == 0 ? "help \(rawValue)" : "put quotes around a name that contains blanks")
    }
}
