import RedstreamConnection
import Testing

@testable import RedstreamCLI

struct HintTests {
    private typealias Argument = CommandDocs.Argument

    /// XADD as Redis 7.0 describes it.
    private static let append: [CommandDocs.Argument] = [
        Argument(name: "key", type: "key"),
        Argument(name: "nomkstream", type: "pure-token", token: "NOMKSTREAM", isOptional: true),
        Argument(
            name: "trim", type: "block", isOptional: true,
            parts: [
                Argument(
                    type: "oneof",
                    parts: [
                        Argument(type: "pure-token", token: "MAXLEN"), Argument(type: "pure-token", token: "MINID"),
                    ]),
                Argument(
                    type: "oneof", isOptional: true,
                    parts: [Argument(type: "pure-token", token: "="), Argument(type: "pure-token", token: "~")]),
                Argument(name: "threshold", type: "string"),
                Argument(name: "count", type: "integer", token: "LIMIT", isOptional: true),
            ]),
        Argument(
            type: "oneof",
            parts: [Argument(type: "pure-token", token: "*"), Argument(name: "id", type: "string")]),
        Argument(
            name: "data", type: "block", isMultiple: true,
            parts: [Argument(name: "field", type: "string"), Argument(name: "value", type: "string")]),
    ]

    @Test(arguments: [
        ("", "key [NOMKSTREAM] [MAXLEN|MINID [=|~] threshold [LIMIT count]] *|id field value [field value …]"),
        ("k", "[NOMKSTREAM] [MAXLEN|MINID [=|~] threshold [LIMIT count]] *|id field value [field value …]"),
        ("k nomkstream", "[MAXLEN|MINID [=|~] threshold [LIMIT count]] *|id field value [field value …]"),
        ("k MAXLEN", "[=|~] threshold [LIMIT count] [NOMKSTREAM] *|id field value [field value …]"),
        ("k MAXLEN ~ 10 *", "field value [field value …]"),
        ("k *", "field value [field value …]"), ("k 1-1 f", "value"), ("k * f v", "[field value …]"),
        ("k * f v g w", "[field value …]"),
    ])
    func shrinksAsArgumentsAreTyped(words: String, expected: String) {
        let typed = words.split(separator: " ").map(String.init)
        #expect(CommandSyntax.remaining(Self.append, after: typed) == expected)
    }

    @Test func isSilentWhereWordsDoNotFit() {
        #expect(CommandSyntax.remaining([Argument(name: "key", type: "key")], after: ["a", "b"]) == nil)
    }

    @Test(arguments: [
        ("forget ", "--stream <stream> --name <name> [--shards <number>] [--dry-run] [--output text|json]"),
        ("forget --stream ", "<stream>"),
        ("forget --stream s ", "--name <name> [--shards <number>] [--dry-run] [--output text|json]"),
        ("forget --stream redis ", "--name <name> [--shards <number>] [--dry-run] [--output text|json]"),
        ("forget --stream s --name n -o ", "text|json"), ("forget --dr", nil), ("use ", "[STREAM]"), ("use s ", nil),
        ("watch ", "INTERVAL [--until-empty|--until-no-lag [--timeout DURATION]] COMMAND [ARGUMENT …]"),
        ("watch 2s forget --stream ", "<stream>"), ("5 forget --stream ", "<stream>"), ("forget | ", nil), ("", nil),
        ("dead-letters ", "list|show|replay|purge"), ("dead-letters list --stream ", "<stream>"),
        (
            "dead-letters purge --stream s ",
            "--consumer <name> [--id <id>] [--count <number>] [--dry-run] [--yes] [--output text|json]"
        ),
    ])
    func comesFromTheGrammar(text: String, expected: String?) {
        #expect(Self.assistant().hint(after: text) == expected)
    }

    @Test func leavesOutTheStreamInUse() {
        let assistant = Self.assistant { $0.stream = "products" }
        #expect(
            assistant.hint(after: "forget ") == "--name <name> [--shards <number>] [--dry-run] [--output text|json]")
    }

    private static func assistant(_ change: (inout ShellSession.State) -> Void = { _ in }) -> ShellAssistant {
        let session = ShellSession(.init(address: .unix(path: "/nonexistent")), namespace: nil)
        session.update(change)
        return ShellAssistant(
            session: session, grammar: RedstreamCommand.grammar, catalogue: CommandCatalogue(session),
            names: Shell(session, in: .process()).names, environment: [:])
    }
}
