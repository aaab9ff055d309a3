import ArgumentParser
import FoundationEssentials
import Testing

@testable import RedstreamCLI

@Suite struct DocumentationTests {
    private let root = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")

    @Test func completionsAndManualSayWhatTheGrammarSays() throws {
        let files = Documentation.files()
        for (path, text) in files {
            let present = try? String(contentsOfFile: "\(root)/\(path)", encoding: .utf8)
            if present != text { Issue.record("\(path) is stale: run make docs") }
        }
        for folder in Documentation.folders {
            for file in try FileManager.default.contentsOfDirectory(atPath: "\(root)/\(folder)")
            where files["\(folder)/\(file)"] == nil {
                Issue.record("\(folder)/\(file) is not of the grammar any more: run make docs")
            }
        }
    }

    @Test func everySubcommandHasAPageWithExamples() throws {
        let files = Documentation.files()
        let commands = RedstreamCommand.configuration.subcommands.map { $0.configuration }
        let names = commands.filter { $0.shouldDisplay }.compactMap { $0.commandName }
        #expect(!names.isEmpty)
        for name in names {
            let page = try #require(files["man/redstream-\(name).1"])
            #expect(page.contains("\n.Sh EXIT STATUS\n"), "\(name)")
            #expect(page.contains("\n.Sh EXAMPLES\n"), "\(name)")
        }
    }

    @Test func namesThatBashWouldRunAreQuoted() {
        #expect(CompletionLine.spelled("a $(reboot)'", for: .bash) == #"'a $(reboot)'\'''"#)
        #expect(CompletionLine.spelled(#"a:\b"#, for: .zsh) == #"a\:\\b"#)
        #expect(CompletionLine.spelled("a\nb", for: .fish) == nil)
    }

    @Test func everyLiveOptionSaysItsKindOfValue() {
        func check(_ command: CommandGrammar) {
            for argument in command.arguments where argument.isCompletedLive {
                #expect(ValueKind(of: argument, in: command) != nil, "\(command.name) \(argument.longName ?? "")")
            }
            for member in command.members { check(member) }
        }
        check(RedstreamCommand.grammar)
    }

    @Test(
        arguments: [
            ("consume --stream", .anyStream), ("seek --name", .consumer), ("dead-letters replay --stream", .stream),
            ("trim --consumers", .consumers), ("consume --from", .position), ("seek --to", .position),
            ("produce --file", nil), ("trim --expiry", nil),
        ] as [(String, ValueKind?)])
    func kindsOfValuesAreThoseOfTheDeclarations(option: String, kind: ValueKind?) throws {
        let words = option.split(separator: " ").map(String.init)
        let (command, length) = RedstreamCommand.grammar.command(in: words)
        let argument = try #require(command.arguments.first { $0.isNamed(by: words[length]) })
        #expect(ValueKind(of: argument, in: command) == kind)
    }

    @Test func aLineTellsTheValuesOfItsOptions() {
        let line = CompletionLine(
            words: ["redstream", "seek", "--stream", "a\\ b", "--url='unix:///x y'", "--name", ""], prefix: "")
        #expect(line.value(of: "--stream") == "a b")
        #expect(line.value(of: "--url") == "unix:///x y")
        #expect(line.value(of: "--namespace") == nil)
    }
}
