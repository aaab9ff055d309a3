import Foundation

/// A sample of Swift code in a document: an article, the README, or a doc comment.
struct Fence {
    /// The document, from the root of the package.
    let document: String
    /// The line of its first line, from 1.
    let line: Int
    /// Its lines, without the indentation that they have in common, and without blank lines at its ends.
    let lines: [String]

    var place: String { "\(document):\(line)" }
    /// True if it shows a whole Package.swift, which no target can contain.
    var isManifest: Bool { lines.first?.hasPrefix("// swift-tools-version") == true }

    /// The samples of a Markdown text.
    static func fences(inMarkdown text: String, of document: String) -> [Fence] {
        fences(in: text.components(separatedBy: "\n"), of: document)
    }

    /// The samples of the doc comments in Swift source.
    static func fences(inSource text: String, of document: String) -> [Fence] {
        let comments = text.components(separatedBy: "\n").map { line in
            let code = line.drop { $0 == " " }
            return code.hasPrefix("///") ? String(code.dropFirst(3)) : ""
        }
        return fences(in: comments, of: document)
    }

    private static func fences(in lines: [String], of document: String) -> [Fence] {
        var fences: [Fence] = []
        var open: (line: Int, lines: [String])?
        for (number, line) in lines.enumerated() {
            let mark = line.trimmingCharacters(in: .whitespaces)
            if let (first, body) = open {
                if mark == "```" {
                    fences.append(Fence(document: document, line: first, lines: unindented(body)))
                    open = nil
                } else {
                    open = (first, body + [line])
                }
            } else if mark == "```swift" {
                open = (number + 2, [])
            }
        }
        return fences
    }

    /// Returns true if the lines occur in a source, one after the other, however deep they are indented there.
    func occurs(in source: [String]) -> Bool {
        guard !lines.isEmpty, source.count >= lines.count else { return false }
        return (0...(source.count - lines.count)).contains { start in
            Self.trimmed(source[start]) == Self.trimmed(lines[0])
                && Self.unindented(Array(source[start..<(start + lines.count)])) == lines
        }
    }

    private static func unindented(_ lines: [String]) -> [String] {
        let depth = lines.filter { !trimmed($0).isEmpty }.map { $0.prefix { $0 == " " }.count }.min() ?? 0
        return lines.map { String($0.dropFirst(depth)) }
    }

    private static func trimmed(_ line: String) -> String { line.trimmingCharacters(in: .whitespaces) }
}
