import LineEditing
import Redstream
import RedstreamSystem
import Synchronization

/// The commands that were typed, in a file that only its owner reads.
///
/// Every line is appended at once, under a lock, so that shells at the same time keep each other's; the file is
/// rewritten, capped and without doubles, when it has grown to twice its size.
final class ShellHistory: Sendable {
    /// The most commands that are kept.
    static let capacity = 5000
    /// The file; nil if there is none.
    private let file: HistoryFile?
    private let kept: Mutex<[String]>
    /// The reason for which nothing is kept, though a file is named; nil if all is well.
    let problem: String?

    /// Reads the history of the user.
    convenience init(environment: [String: String]) {
        self.init(path: Self.path(environment))
    }

    /// Reads a history; without a path it lasts as long as the shell.
    init(path: String?, patience: Duration = .seconds(5)) {
        let file = path.map { HistoryFile($0, patience: patience) }
        let stored: [String]
        do throws(SystemError) {
            stored = try file?.lines() ?? []
            self.file = file
            problem = nil
        } catch {
            // This shell's commands are found all the same.
            stored = []
            self.file = nil
            let reason = error.code == EINVAL ? "\(path ?? "") is not a regular file" : "\(error)"
            problem = path == "/dev/null" ? nil : "history is not kept: \(reason)"
        }
        let unique = Self.unique(stored)
        kept = Mutex(unique)
        if stored.count > Self.capacity * 2 || stored.count > unique.count * 2 + 100 {
            file?.rewrite(Self.unique)
        }
    }

    /// The file: `REDSTREAM_HISTFILE`, which may be empty for none, or one in the XDG state directory.
    static func path(_ environment: [String: String]) -> String? {
        if let path = environment["REDSTREAM_HISTFILE"] { return path.isEmpty ? nil : path }
        if let state = environment["XDG_STATE_HOME"], state.begins(with: "/") { return "\(state)/redstream/history" }
        return environment["HOME"].flatMap { $0.isEmpty ? nil : "\($0)/.local/state/redstream/history" }
    }

    /// The commands, the last one last.
    var lines: [String] { kept.withLock { $0 } }

    /// Adds a command, unless it holds a secret or is the last one again.
    ///
    /// Returns whether it was added.
    @discardableResult
    func add(_ line: String) -> Bool {
        guard !line.trimmingBlanks.isEmpty, !SecretLines.holdsSecret(line) else { return false }
        let isNew = kept.withLock { lines -> Bool in
            guard lines.last?.isSame(as: line) != true else { return false }
            lines = Self.unique(lines + [line])
            return true
        }
        if isNew { file?.append(line) }
        return isNew
    }

    /// Returns each command once, at its last place, up to the capacity.
    static func unique(_ lines: [String]) -> [String] {
        var seen = Set<ExactText>()
        let latest = lines.reversed().filter { seen.insert(ExactText($0)).inserted }
        return latest.prefix(capacity).reversed()
    }
}

/// Finds lines with secrets, which stay out of the history.
enum SecretLines {
    /// Returns whether a line may hold a password.
    static func holdsSecret(_ line: String) -> Bool {
        guard let commands = try? LineTokenizer.commands(in: Array(line.utf8)) else {
            // A line that cannot be split is kept only if no part looks like a secret.
            let text = line.lowercased()
            return ["auth", "pass", "setuser", "://"].contains { text.utf8.firstRange(of: $0.utf8) != nil }
        }
        return commands.contains { command in
            let words = command.words.map { $0.text.lowercased() }
            if words.contains(where: isSecret) { return true }
            if let piped = command.pipedInto, holdsSecret(String(decoding: piped, as: UTF8.self)) { return true }
            // `3 auth …`, `watch 2s auth …` and `redis auth …` wrap commands.
            return words.indices.contains { namesSecret(words[$0...]) }
        }
    }

    private static func isSecret(_ word: String) -> Bool {
        if word.begins(with: "--password") { return true }
        // By bytes: a mark that combines with the "@" would hide it.
        guard let scheme = word.utf8.firstRange(of: "://".utf8) else { return false }
        let authority = word.utf8[scheme.upperBound...]
        return authority.contains(UInt8(ascii: "@")) || authority.firstRange(of: "password=".utf8) != nil
    }

    private static func namesSecret(_ words: ArraySlice<String>) -> Bool {
        guard let name = words.first else { return false }
        let rest = words.dropFirst()
        switch name {
        case "auth": return !rest.isEmpty
        case "connect": return rest.contains { $0.utf8.contains(UInt8(ascii: "@")) }
        case "acl": return rest.first == "setuser"
        case "config":
            let secrets = ["requirepass", "masterauth", "tls-key-file-pass", "tls-client-key-file-pass"]
            return rest.first == "set" && rest.contains { secrets.contains($0) }
        case "sentinel": return rest.contains("auth-pass")
        case "hello": return rest.contains("auth")
        case "migrate": return rest.contains("auth") || rest.contains("auth2")
        default: return false
        }
    }
}
