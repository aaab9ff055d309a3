import Foundation
import Testing

/// The links between the documents of the repository.
@Suite struct LinkTests {
    private static let pages = (try? Documents.pages()) ?? []

    @Test(arguments: pages)
    func linksLeadSomewhere(page: String) throws {
        let folder = page.split(separator: "/").dropLast().joined(separator: "/")
        let outside = try Documents.text(page).components(separatedBy: "```").enumerated()
            .filter { $0.offset.isMultiple(of: 2) }.map(\.element).joined()
        for match in outside.matches(of: /\]\(([^)#: ]*)(?:#([^) ]+))?\)/) {
            let target = match.1.isEmpty ? page : (folder.isEmpty ? "" : folder + "/") + match.1
            let url = Documents.root.appending(path: target).standardizedFileURL
            #expect(FileManager.default.fileExists(atPath: url.path), "\(page): \(match.0)")
            guard let anchor = match.2, url.pathExtension == "md" else { continue }
            let text = try String(contentsOf: url, encoding: .utf8)
            #expect(Self.anchors(in: text).contains(String(anchor)), "\(page): \(match.0)")
        }
    }

    @Test func readmeLeadsToEveryPage() throws {
        let readme = try Documents.text("README.md")
        for page in try Documents.pages() where page != "README.md" {
            #expect(readme.contains("](\(page))"), "\(page)")
        }
    }

    @Test func readmeIsShort() throws {
        #expect(try Documents.text("README.md").split(separator: "\n", omittingEmptySubsequences: false).count <= 210)
    }

    /// The anchors that headings have on the web.
    private static func anchors(in text: String) -> Set<String> {
        let headings = text.split(separator: "\n").filter { $0.hasPrefix("#") }
        return Set(
            headings.map { heading in
                String(
                    heading.drop { $0 == "#" }.dropFirst().lowercased().compactMap { character in
                        character == " "
                            ? "-"
                            : character.isLetter || character.isNumber || "-_".contains(character) ? character : nil
                    })
            })
    }
}
