import LineEditing
import RedstreamSystem

// What Tab offers where files and programs are meant.
extension ShellAssistant {
    /// Files behind `>` and `>>`; nil where no redirection is typed.
    func redirection(_ words: [LineTokenizer.Word], _ count: Int) -> Completion? {
        // There a > is an argument.
        guard words.count > 1, words[0].text.lowercased() != "xreadgroup", let last = words.last else { return nil }
        let operators = [">>", ">"]
        if words.count > 2, case let before = words[words.count - 2], !before.isQuoted, operators.contains(before.text)
        {
            return files(last.text, count, hasHome: true)
        }
        guard !last.isQuoted, let mark = operators.first(where: { last.text.hasPrefix($0) }) else { return nil }
        return files(String(last.text.dropFirst(mark.count)), count, prefix: mark, hasHome: true)
    }

    /// Programs and files behind a `|`, for /bin/sh.
    func programs(_ command: String) -> Completion {
        let start = command.lastIndex { " \t|;&<>".contains($0) }.map { command.index(after: $0) } ?? command.startIndex
        let word = String(command[start...])
        // The first word of a command is a program, unless it is a path.
        let before = command[..<start].last { $0 != " " && $0 != "\t" }
        guard before == nil || "|;&".contains(before ?? " "), !word.contains("/") else {
            return files(word, word.count, hasHome: true, quote: ShellText.quoted)
        }
        var names = Set<String>()
        for folder in (environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":") {
            for (name, _) in Self.entries(of: String(folder), beginningWith: word)
            where access("\(folder)/\(name)", X_OK) == 0 { names.insert(name) }
        }
        return made(word.isEmpty ? [] : names.sorted().map(ShellText.quoted), word.count)
    }

    /// Files that begin with a text; `hasHome` for where ~ is the home folder.
    func files(
        _ text: String, _ count: Int, prefix: String = "", hasHome: Bool = false,
        quote: (String) -> String = ShellText.quotedForOwnShell
    ) -> Completion {
        let slash = text.lastIndex(of: "/").map { text.index(after: $0) } ?? text.startIndex
        let folder = String(text[..<slash])
        let start = String(text[slash...])
        let isHome = hasHome && folder.hasPrefix("~/")
        let place = isHome ? (environment["HOME"] ?? "") + folder.dropFirst() : folder.isEmpty ? "." : folder
        let entries = Self.entries(of: place, beginningWith: start).filter {
            !$0.name.hasPrefix(".") || start.hasPrefix(".")
        }
        let candidates = entries.map { name, isFolder in
            // A quoted ~ would be a name.
            let shown = isHome ? "~/" + quote(folder.dropFirst(2) + name) : quote(folder + name)
            return prefix + shown + (isFolder ? "/" : "")
        }
        return made(candidates.sorted(), count, suffix: candidates.count == 1 && entries[0].isFolder ? "" : " ")
    }

    /// The entries of a folder that begin with a text: a thousand at most.
    private static func entries(of folder: String, beginningWith start: String) -> [(name: String, isFolder: Bool)] {
        guard let entries = opendir(folder) else { return [] }
        defer { closedir(entries) }
        var found: [(name: String, isFolder: Bool)] = []
        while let entry = readdir(entries), found.count < 1000 {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name.hasPrefix(start), name != ".", name != ".." else { continue }
            found.append((name, Int32(entry.pointee.d_type) == Int32(DT_DIR)))
        }
        return found
    }
}
