import ArgumentParser
import Foundation
import LineEditing
import Redstream
import TestSupport
import Testing

@testable import RedstreamCLI

/// The help of every command: its order, its examples, its placeholders, and that nothing is said twice.
@Suite struct HelpTests {
    /// The words that name each command, those within another included; none for the root.
    private static let paths = paths(of: RedstreamCommand.self, under: [])

    private static func paths(of command: any ParsableCommand.Type, under path: [String]) -> [[String]] {
        var paths = [path]
        for inner in command.configuration.subcommands where inner.configuration.shouldDisplay {
            guard let name = inner.configuration.commandName else { continue }
            paths += Self.paths(of: inner, under: path + [name])
        }
        return paths
    }

    private func help(_ path: [String], width: Int = 80) -> String {
        HelpText(command(path), path: path, width: width).text
    }

    private func command(_ path: [String]) -> CommandGrammar {
        RedstreamCommand.grammar.command(in: path).command
    }

    /// The lines of a part of the help, without its title.
    private func part(_ title: String, of text: String) -> [String] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard let start = lines.firstIndex(of: "\(title):") else { return [] }
        return Array(lines[(start + 1)...].prefix { $0.isEmpty || $0.hasPrefix(" ") })
    }

    @Test(arguments: paths)
    func linesFitTheScreen(path: [String]) throws {
        for width in [60, 80, 100] {
            let long = help(path, width: width).split(separator: "\n").filter { $0.count > width }
            // Examples are never folded: they are short enough for 80 columns.
            #expect(long.allSatisfy { width < 80 || !$0.contains(" ") }, "\(long)")
        }
    }

    @Test(arguments: paths)
    func examplesCanBePasted(path: [String]) throws {
        let examples = part("EXAMPLES", of: help(path)).map { String($0.dropFirst(2)) }
        #expect(path.isEmpty || !examples.isEmpty)
        let commands = examples.filter { !$0.hasPrefix("#") }.joined(separator: "\n").replacing(" \\\n", with: " ")
        for line in commands.split(separator: "\n") {
            let words = try #require(shellWords(String(line)), "\(line)")
            let start = try #require(words.firstIndex(of: "redstream"), "\(line)")
            let end = words[start...].firstIndex { [">", "|"].contains($0) } ?? words.endIndex
            _ = try RedstreamCommand.parseAsRoot(Array(words[(start + 1)..<end]))
        }
    }

    @Test(arguments: paths)
    func examplesSayWhatTheyDo(path: [String]) throws {
        let examples = command(path).examples
        #expect(path.isEmpty || examples.first?.hasPrefix("# ") == true, "\(examples)")
    }

    @Test(arguments: paths)
    func ownOptionsComeFirstAndTheConnectionLast(path: [String]) throws {
        let text = help(path)
        let (own, connection) = (part("OPTIONS", of: text), part("CONNECTION OPTIONS", of: text))
        #expect(!own.contains { $0.contains("--url") || $0.contains("--retry-for") })
        guard !connection.isEmpty else { return }
        #expect(connection.contains { $0.hasPrefix("  --url <url>") })
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let first = try #require(lines.firstIndex { $0 == "OPTIONS:" })
        // The first own option is seen without scrolling.
        #expect(first < 24, "\(path): line \(first)")
        let last = try #require(lines.firstIndex { $0 == "CONNECTION OPTIONS:" })
        #expect(!lines[(last + 1)...].contains { $0.hasSuffix(":") && !$0.hasPrefix(" ") })
    }

    /// The placeholders of values in the help.
    private static let placeholders: Set<String> = [
        "number", "duration", "time", "position", "interval", "stream", "name", "names", "id", "file", "command", "key",
        "url", "namespace", "format", "when", "kind", "action", "program", "payload",
    ]
    /// Names that say the kind of the value as well.
    private static let natural: Set<String> = ["stream", "name", "id", "file", "command", "url", "namespace"]

    @Test(arguments: paths)
    func placeholdersSayTheKindOfValue(path: [String]) throws {
        for argument in command(path).shownArguments where argument.kind == .option {
            let value = argument.valueName ?? ""
            #expect(Self.placeholders.contains(value), "\(path): <\(value)>")
            let names = (argument.names ?? []).map(\.name)
            #expect(!names.contains(value) || Self.natural.contains(value), "\(path): --\(names) <\(value)>")
        }
    }

    @Test(arguments: paths)
    func valuesAndDefaultsAreSaidOnce(path: [String]) throws {
        let command = command(path)
        let text = help(path).replacing(/\n +/, with: " ")
        for argument in command.shownArguments where argument.kind == .option {
            let abstract = (argument.abstract ?? "") + (argument.discussion ?? "")
            if argument.defaultValue != nil { #expect(!abstract.contains("default"), "\(abstract)") }
            if let values = argument.allValues, !values.isEmpty {
                // A default in words may name them.
                let rest = abstract.replacing(/\(default: .*\)/, with: "")
                #expect(!values.allSatisfy(rest.contains), "\(abstract)")
                #expect(text.contains("(\(values.joined(separator: ", "))"), "\(path): \(values)")
            }
            #expect(abstract.count(of: "default") <= 1)
        }
    }

    @Test func valueOfWatchMayBeLeftOut() throws {
        #expect(help(["inspect-offsets"]).contains("\n  --watch[=<interval>]"))
        let page = try #require(Documentation.files()["man/redstream-inspect-offsets.1"])
        #expect(page.contains("\n.It Fl \\-watch Ns Op = Ns Ar interval\n"))
    }

    @Test func inspectSaysWhenItExitsWith2AndWhatToDo() throws {
        let text = help(["inspect-offsets"]).replacing(/\n +/, with: " ")
        let page = try #require(Documentation.files()["man/redstream-inspect-offsets.1"])
        for row in Verdict.advice where !row.advice.isEmpty {
            #expect(text.contains(row.advice), "\(row.verdict)")
            #expect(page.contains(row.advice.prefix(20)), "\(row.verdict)")
        }
        #expect(Set(Verdict.advice.map(\.verdict)) == Set(Verdict.allCases))
        let codes = text[try #require(text.firstRange(of: "EXIT CODES:")).lowerBound...]
        for reason in ["over the limit", "orphan, ahead or gap", "does not exist", "no consumer to check"] {
            #expect(codes.contains(reason), "\(reason)")
        }
    }

    @Test func helpIsTheSameAtEveryPlace() async throws {
        for path in [["consume"], ["dead-letters", "replay"], []] {
            let text = help(path) + "\n"
            #expect(try await ToolProcess.run(path + ["--help"]).output == text)
            #expect(try await ToolProcess.run(["help"] + path).output == text)
            #expect(try await ToolProcess.run(path + ["-h"]).output == text)
        }
        let shell = try await withNamespace { fixture in
            try await fixture.run("shell", "-c", "help consume", "-c", "consume --help").output
        }
        #expect(shell == String(repeating: help(["consume"]) + "\n", count: 2))
    }

    /// The words of a line as a shell takes them; nil for an open quote.
    private func shellWords(_ line: String) -> [String]? {
        guard let command = try? LineTokenizer.command(in: Array(line.utf8), from: 0) else { return nil }
        var words = command.words.map { String(decoding: $0.bytes, as: UTF8.self) }
        if let piped = command.pipedInto { words += ["|"] + (shellWords(String(decoding: piped, as: UTF8.self)) ?? []) }
        return words
    }
}

/// The manual: what every page has.
@Suite struct ManualTests {
    private let root = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")

    @Test func everyVariableThatIsReadIsInTheManual() throws {
        let known = Set(SharedVariable.ofAll(RedstreamCommand.grammar).map(\.name))
        let folder = "\(root)/Sources"
        var found = Set<String>()
        for path in try FileManager.default.subpathsOfDirectory(atPath: folder) where path.hasSuffix(".swift") {
            let source = try String(contentsOfFile: "\(folder)/\(path)", encoding: .utf8)
            for match in source.matches(of: /(?:nvironment\[|variable\()"([A-Z_]+)"/) { found.insert(String(match.1)) }
        }
        #expect(found.count > 8, "\(found)")
        #expect(found.subtracting(known).isEmpty, "\(found.subtracting(known))")
        let page = try #require(Documentation.files()["man/redstream.1"])
        for name in known { #expect(page.contains("\n.It Ev \(name)\n"), "\(name)") }
    }

    @Test func pagesHaveTheVariablesThatConcernThem() throws {
        let files = Documentation.files()
        let shell = try #require(files["man/redstream-shell.1"])
        for name in ["REDSTREAM_HISTFILE", "XDG_STATE_HOME", "PAGER", "EDITOR"] {
            #expect(shell.contains("\n.It Ev \(name)\n"))
        }
        let seek = try #require(files["man/redstream-seek.1"])
        #expect(seek.contains("\n.It Ev TZ\n") && !seek.contains("\n.It Ev PAGER\n"))
        let shardOf = try #require(files["man/redstream-shard-of.1"])
        #expect(!shardOf.contains("\n.It Ev REDSTREAM_URL\n"))
    }

    @Test func longTitlesLeaveRoomForThemselves() {
        #expect(
            ManualText("redstream-inspect-offsets", section: 1).source.contains(
                ".Dt REDSTREAM-INSPECT-OFFSETS 1 LOCAL\n"))
        #expect(ManualText("redstream-protocol", section: 7).source.contains(".Dt REDSTREAM-PROTOCOL 7 LOCAL\n"))
        #expect(ManualText("redstream-trim", section: 1).source.contains(".Dt REDSTREAM-TRIM 1\n"))
    }

    @Test func noPageClaimsAShortForm() throws {
        for (path, text) in Documentation.files() where path.hasPrefix("man/") {
            #expect(!text.contains("short form"), "\(path)")
        }
    }

    @Test func readmeAndPageOfCommandsNameEachCommand() throws {
        let readme = try String(contentsOfFile: "\(root)/README.md", encoding: .utf8)
        let page = try String(contentsOfFile: "\(root)/docs/commands.md", encoding: .utf8)
        for command in RedstreamCommand.grammar.shownMembers {
            #expect(readme.contains("`\(command.name)`"), "the table of README.md lacks \(command.name)")
            // The shell has a page of its own.
            #expect(
                command.name == "shell" || page.contains("\n## \(command.name)\n"),
                "docs/commands.md has no section \(command.name)")
        }
    }

    @Test func pageOfCommandsHasTheTableOfVerdicts() throws {
        let page = try String(contentsOfFile: "\(root)/docs/commands.md", encoding: .utf8)
        for row in Verdict.advice {
            #expect(page.contains("| `\(row.verdict.rawValue)` | \(row.meaning) | \(row.advice)"), "\(row.verdict)")
        }
    }
}
