import Foundation

/// The documents that a user of the library reads, and the sources of the samples in them.
enum Documents {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    /// The modules that are products of the package.
    static let modules = ["RedstreamConnection", "Redstream", "RedstreamGRDB"]

    /// Every sample of every document.
    static func fences() throws -> [Fence] {
        var fences: [Fence] = []
        for article in try pages() + articles() { fences += Fence.fences(inMarkdown: try text(article), of: article) }
        for source in try files(in: modules.map { "Sources/\($0)" }, ending: ".swift") {
            fences += Fence.fences(inSource: try text(source), of: source)
        }
        return fences
    }

    /// The README and the pages that it leads to.
    static func pages() throws -> [String] {
        try ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"] + files(in: ["docs"], ending: ".md")
    }

    /// The articles and landing pages.
    static func articles() throws -> [String] {
        try files(in: modules.map { "Sources/\($0)/\($0).docc" }, ending: ".md")
    }

    /// The lines of each file of compiled samples.
    static func samples() throws -> [[String]] {
        try files(in: ["Tests/DocumentationTests/Samples"], ending: ".swift").map {
            try text($0).components(separatedBy: "\n")
        }
    }

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    private static func files(in folders: [String], ending suffix: String) throws -> [String] {
        try folders.flatMap { folder in
            try FileManager.default.subpathsOfDirectory(atPath: root.appending(path: folder).path)
                .filter { $0.hasSuffix(suffix) }.sorted().map { "\(folder)/\($0)" }
        }
    }
}
