import LineEditing
import Redstream

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
