import ArgumentParser
import FoundationEssentials

/// `redstream write-docs`: write completions and manual pages; for `make docs` only.
struct WriteDocsCommand: ToolCommand {
    static let action = "cannot write the documentation"
    static let configuration = CommandConfiguration(
        commandName: "write-docs", abstract: "Write completions and manual pages from the grammar.",
        shouldDisplay: false)

    @Argument(help: "The project's folder.", completion: .directory)
    var folder = "."

    func run(in context: CommandContext) async throws -> ExitCode {
        var files = Documentation.files()
        for name in Documentation.folders {
            let path = "\(folder)/\(name)"
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            for file in try FileManager.default.contentsOfDirectory(atPath: path)
            where files["\(name)/\(file)"] == nil {
                try FileManager.default.removeItem(atPath: "\(path)/\(file)")
            }
        }
        let page = "docs/access-rules.md"
        let text = try String(contentsOf: URL(filePath: "\(folder)/\(page)"), encoding: .utf8)
        files[page] = try Documentation.withAccessRules(text)
        let reports = ChangeReports(of: "the documentation was written", in: context)
        for (path, text) in files.sorted(by: { $0.key < $1.key }) {
            try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(path)"))
            try await reports.tell([path])
        }
        try reports.finish()
        return .done
    }
}
