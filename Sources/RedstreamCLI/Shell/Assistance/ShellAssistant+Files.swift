import LineEditing
import Redstream
import RedstreamSystem

// Completion of files and programs.
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
        guard !last.isQuoted, let mark = operators.first(where: { last.text.begins(with: $0) }) else { return nil }
        return files(String(last.text.removing(prefix: mark) ?? last.text), count, prefix: mark, hasHome: true)
    }

    /// Programs and files behind a `|`, for /bin/sh.
    func programs(_ command: String) -> Completion {
        let scalars = command.unicodeScalars
        let marks = " \t|;&<>".unicodeScalars
        let start = scalars.lastIndex { marks.contains($0) }.map { scalars.index(after: $0) } ?? scalars.startIndex
        let word = String(scalars[start...])
        // The first word of a command is a program, unless it is a path.
        let before = scalars[..<start].last { $0 != " " && $0 != "\t" }
        guard before == nil || "|;&".unicodeScalars.contains(before ?? " "), !word.unicodeScalars.contains("/") else {
            return files(word, word.unicodeScalars.count, hasHome: true, quote: ShellText.quoted)
        }
        var names = Set<String>()
        for folder in (environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":") {
            for (name, _) in Self.entries(of: String(folder), beginningWith: word)
            where access("\(folder)/\(name)", X_OK) == 0 { names.insert(name) }
        }
        return made(word.isEmpty ? [] : names.sorted().map(ShellText.quoted), word.unicodeScalars.count)
    }

    /// Files that begin with a text; `hasHome` for where ~ is the home folder.
    func files(
        _ text: String, _ count: Int, prefix: String = "", hasHome: Bool = false,
        quote: (String) -> String = ShellText.quotedForOwnShell
    ) -> Completion {
        let (folder, start) = text.split(after: "/")
        let isHome = hasHome && folder.begins(with: "~/")
        let home = (environment["HOME"] ?? "") + String(folder.unicodeScalars.dropFirst())
        let place = isHome ? home : folder.isEmpty ? "." : folder
        let entries = Self.entries(of: place, beginningWith: start).filter {
            !$0.name.begins(with: ".") || start.begins(with: ".")
        }
        let candidates = entries.map { name, isFolder in
            // A quoted ~ would be a name.
            let shown = isHome ? "~/" + quote(String(folder.unicodeScalars.dropFirst(2)) + name) : quote(folder + name)
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
            guard name.begins(with: start), name != ".", name != ".." else { continue }
            found.append((name, Int32(entry.pointee.d_type) == Int32(DT_DIR)))
        }
        return found
    }
}
