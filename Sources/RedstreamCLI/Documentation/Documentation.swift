/// The files that the grammar is written down in: completions and manual pages.
enum Documentation {
    /// Each file by its path in the repository, and what belongs in it.
    static func files() -> [String: String] {
        let root = RedstreamCommand.grammar
        var files = [
            "completions/redstream.bash": CompletionScripts.bash(root),
            "completions/_redstream": CompletionScripts.zsh(root),
            "completions/redstream.fish": CompletionScripts.fish(root),
            "man/redstream.1": CommandManual.page(ofRoot: root),
            "man/redstream-protocol.7": ProtocolManual.page,
        ]
        for command in root.shownMembers {
            files["man/redstream-\(command.name).1"] = CommandManual.page(of: command, among: root.shownMembers)
        }
        return files
    }

    /// Returns a page with the table of access rules in the place of the one that it has.
    ///
    /// - Throws: ``Failure`` if it has none.
    static func withAccessRules(_ page: String) throws -> String {
        let (table, lines) = (AccessRules.markdown, page.split(separator: "\n", omittingEmptySubsequences: false))
        guard let start = lines.firstIndex(where: { $0 == table[0] }) else {
            throw Failure(.failed, "the page of access rules has no table to replace")
        }
        let end = lines[start...].firstIndex { $0.first != "|" } ?? lines.endIndex
        return (lines[..<start] + table.map { $0[...] } + lines[end...]).joined(separator: "\n")
    }

    /// The folders that hold nothing else.
    static let folders = ["completions", "man"]
}
