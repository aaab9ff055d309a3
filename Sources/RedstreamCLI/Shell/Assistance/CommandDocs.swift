import RedstreamConnection

/// The description of one command by COMMAND DOCS.
struct CommandDocs: Sendable, Equatable {
    /// An argument, or a group of them.
    struct Argument: Sendable, Equatable {
        var name = ""
        var type = ""
        var token: String?
        var isOptional = false
        var isMultiple = false
        var repeatsToken = false
        var parts: [Argument] = []
    }

    var summary: String?
    var group: String?
    var since: String?
    var complexity: String?
    var arguments: [Argument] = []

    /// Takes the reply for one command; nil where the server knows none of that name.
    init?(_ reply: RedisReply) {
        let pair = reply.elements
        guard pair.count == 2, !pair[1].elements.isEmpty else { return nil }
        for (key, value) in pair[1].pairs {
            switch key {
            case "summary": summary = value.string
            case "group": group = value.string
            case "since": since = value.string
            case "complexity": complexity = value.string
            case "arguments": arguments = value.elements.map(Self.argument)
            default: break
            }
        }
    }

    init(arguments: [Argument]) {
        self.arguments = arguments
    }

    /// The arguments as redis-cli writes them.
    var syntax: String { arguments.map(CommandSyntax.text).joined(separator: " ") }

    private static func argument(_ reply: RedisReply) -> Argument {
        var argument = Argument()
        var displayed: String?
        for (key, value) in reply.pairs {
            switch key {
            case "name": argument.name = value.string ?? ""
            case "display_text": displayed = value.string
            case "type": argument.type = value.string ?? ""
            case "token": argument.token = value.string
            case "arguments": argument.parts = value.elements.map(Self.argument)
            case "flags":
                let flags = value.elements.compactMap(\.string)
                argument.isOptional = flags.contains("optional")
                argument.isMultiple = flags.contains("multiple")
                argument.repeatsToken = flags.contains("multiple_token")
            default: break
            }
        }
        if let displayed { argument.name = displayed }
        return argument
    }
}
