/// Looks into a Lua script for what it asks of Redis.
enum ScriptCalls {
    /// The first command in a script that destroys, as far as it is written out; nil where there is none.
    ///
    /// What a script makes of its arguments cannot be told, nor what EVALSHA and FCALL will run: they are not asked
    /// about.
    static func destructive(in script: String) -> String? {
        var rest = script[...]
        while let call = rest.firstRange(of: "call(") {
            rest = rest[call.upperBound...]
            let words = leadingTexts(of: rest)
            guard let name = words.first else { continue }
            // Where it ends in the middle, what follows is not known.
            let padded = words + Array(repeating: "…", count: max(0, 5 - words.count))
            if RedisDestruction(padded) != nil {
                return words.count > 1 && isFamily(name) ? "\(name) \(words[1])" : name
            }
            if KeyEffects.effectsByTable(of: padded).contains(where: { $0.kind == .loses }) { return name }
        }
        return nil
    }

    /// Returns whether a script may ask anything of Redis.
    static func mayCall(_ script: String) -> Bool {
        ["redis", "server"].contains { script.contains($0) }
    }

    private static func isFamily(_ name: String) -> Bool { RedisContainers.subcommands[name.lowercased()] != nil }

    /// The texts that stand at the start, with commas in between.
    private static func leadingTexts(of text: Substring) -> [String] {
        var texts: [String] = []
        var rest = text.drop { $0.isWhitespace }
        while let quote = rest.first, quote == "'" || quote == "\"" {
            rest = rest.dropFirst()
            guard let end = rest.firstIndex(of: quote) else { break }
            texts.append(String(rest[..<end]))
            rest = rest[rest.index(after: end)...].drop { $0.isWhitespace }
            guard rest.first == "," else { break }
            rest = rest.dropFirst().drop { $0.isWhitespace }
        }
        return texts
    }
}
