import ArgumentParser
import FoundationEssentials
import Testing

@testable import RedstreamCLI

@Suite struct DocumentationTests {
    private let root = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/")

    @Test func completionsAndManualSayWhatTheGrammarSays() throws {
        let files = try Documentation.files()
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
        let files = try Documentation.files()
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
        #expect(NameCompletion.spelled("a $(reboot)'", for: .bash) == #"'a $(reboot)'\'''"#)
        #expect(NameCompletion.spelled(#"a:\b"#, for: .zsh) == #"a\:\\b"#)
        #expect(NameCompletion.spelled("a\nb", for: .fish) == nil)
    }

    @Test func aLineTellsTheValuesOfItsOptions() {
        let line = CompletionLine(
            words: ["redstream", "seek", "--stream", "a\\ b", "--url='unix:///x y'", "--name", ""], prefix: "")
        #expect(line.value(of: "--stream") == "a b")
        #expect(line.value(of: "--url") == "unix:///x y")
        #expect(line.value(of: "--namespace") == nil)
    }
}
