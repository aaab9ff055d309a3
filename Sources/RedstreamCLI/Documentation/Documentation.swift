/// The files that the grammar is written down in: completions and manual pages.
enum Documentation {
    /// Each file by its path in the repository, and what belongs in it.
    static func files() throws -> [String: String] {
        let root = try CommandHelp.root()
        var files = [
            "completions/redstream.bash": CompletionScripts.bash(root),
            "completions/_redstream": CompletionScripts.zsh(root),
            "completions/redstream.fish": CompletionScripts.fish(root),
            "man/redstream.1": CommandManual.page(ofRoot: root),
            "man/redstream-protocol.7": ProtocolManual.page,
        ]
        for command in root.documented {
            files["man/redstream-\(command.commandName).1"] = CommandManual.page(of: command, among: root.documented)
        }
        return files
    }

    /// The folders that hold nothing else.
    static let folders = ["completions", "man"]
}
