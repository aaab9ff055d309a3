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

    /// The arguments that may follow the name, the most words of them (nil for any number), and one line about it.
    private var facts: (arguments: String, mostWords: Int?, summary: String) {
        switch self {
        case .use: ("[STREAM]", 1, "set the default --stream; without a name, clear it")
        case .namespace: ("[NAME]", 1, "set the key prefix; without a name, clear it")
        case .db: ("[N]", 1, "change to another database")
        case .connect: ("[URL]", 1, "change to another server")
        case .output: ("[text|json|default]", 1, "the format of every command that has it")
        case .encoding:
            ("[utf8|ascii]", 1, #"show UTF-8 as text, or with \x for every byte outside ASCII, as redis-cli does"#)
        case .timing: ("[on|off]", 1, "show every command's time, not only from half a second on")
        case .redis: ("COMMAND [ARGUMENT …]", nil, "send a command to Redis, whatever its name")
        case .watch:
            (
                "INTERVAL [--until-empty|--until-no-lag [--timeout DURATION]] COMMAND [ARGUMENT …]", nil,
                "run a command again and again; Ctrl-C ends it"
            )
        case .edit: ("[COMMAND]", nil, "write a command, or change the last one, in $EDITOR")
        case .history: ("", 0, "show what was typed")
        case .clear: ("", 0, "clear the screen")
        case .help: ("[COMMAND|@CATEGORY]", 2, "show this, a command's help, or a category of Redis's commands")
        case .exit, .quit: ("", 0, "leave, as Ctrl-D does")
        }
    }

    /// The arguments that may follow the name.
    var arguments: String { facts.arguments }

    /// The most words that may follow the name; nil for any number.
    var mostWords: Int? { facts.mostWords }

    /// One line about it.
    var summary: String { facts.summary }

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
