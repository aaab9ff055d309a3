import Redstream
import RedstreamSystem

/// The words behind the program's name, as the system has them.
enum ProcessArguments {
    /// Returns the words.
    ///
    /// `CommandLine.arguments` repairs what is not UTF-8, and another key would be written than was named.
    ///
    /// - Throws: ``Failure`` for a word that is not UTF-8.
    static func words() throws(Failure) -> [String] {
        var words: [[UInt8]] = []
        for index in 1..<max(Int(Swift.CommandLine.argc), 1) {
            guard let word = Swift.CommandLine.unsafeArgv[index] else { break }
            words.append(Array(UnsafeRawBufferPointer(start: word, count: strlen(word))))
        }
        return try text(of: words)
    }

    /// Returns words as text.
    static func text(of words: [[UInt8]]) throws(Failure) -> [String] {
        // A shell that asks for completions has half of a character, and nobody who reads a message.
        let isCompletion = words.first?.starts(with: "---completion".utf8) == true
        var texts: [String] = []
        for (index, word) in words.enumerated() {
            if let text = String(validating: word, as: UTF8.self) {
                texts.append(text)
            } else if isCompletion {
                texts.append(String(decoding: word, as: UTF8.self))
            } else {
                let shown = SecretText.hidden(NameText.text(ofBytes: word))
                throw Failure(
                    .usage, "argument \(index + 1) is not UTF-8: \(shown)",
                    hint: "in the name of a stream or consumer, write each byte that is not as an escape, such as \\xe9"
                )
            }
        }
        return texts
    }

    /// Returns `--option=value` as two words if the value begins with a mark that combines with the "=".
    ///
    /// The parser looks for characters, and of the "=" and the mark it makes another one.
    static func separated(_ word: String) -> [String] {
        guard word.begins(with: "--"), let equals = word.unicodeScalars.firstIndex(of: "="),
            word.firstIndex(of: "=") != equals
        else { return [word] }
        let name = String(word.unicodeScalars[..<equals])
        return [name, word.removing(prefix: name + "=") ?? ""]
    }
}
