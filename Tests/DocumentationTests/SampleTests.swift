import Foundation
import Testing

/// Every sample that a user reads is compiled: it stands, word for word, in a file of this target.
@Suite struct SampleTests {
    @Test func everySampleIsCompiled() throws {
        let samples = try Documents.samples()
        for fence in try Documents.fences() where !fence.isManifest {
            #expect(
                samples.contains { fence.occurs(in: $0) },
                "\(fence.place): this sample is not compiled: put it into a file of Tests/DocumentationTests/Samples, word for word"
            )
        }
    }

    @Test func thePackageManifestsCanBeRead() async throws {
        let manifests = try Documents.fences().filter(\.isManifest)
        #expect(Set(manifests.map(\.document)).contains { $0.hasSuffix("GettingStarted.md") })
        for text in Set(manifests.map { $0.lines.joined(separator: "\n") }) {
            let products = try await Manifest(text).products(of: "redstream")
            #expect(!products.isEmpty)
            #expect(products.isSubset(of: Documents.modules), "the package has no other libraries")
        }
    }

    @Test func samplesAreFoundInArticlesAndInDocComments() {
        let article = "Text\n```swift\nlet a = 1\n    b()\n```\n```console\n$ ls\n```\n  ```swift\n  c()\n  ```\n"
        #expect(Fence.fences(inMarkdown: article, of: "a").map(\.lines) == [["let a = 1", "    b()"], ["c()"]])
        let source = "/// One.\n///\n/// ```swift\n/// d()\n/// ```\nlet text = \"```swift\"\n"
        let found = Fence.fences(inSource: source, of: "s")
        #expect(found.map(\.lines) == [["d()"]])
        #expect(found.first?.line == 4)
    }

    @Test func aSampleIsFoundWordForWordAtAnyDepth() {
        let fence = Fence(document: "a", line: 1, lines: ["if a {", "    b()", "}"])
        #expect(fence.occurs(in: ["f {", "    if a {", "        b()", "    }", "}"]))
        #expect(!fence.occurs(in: ["    if a {", "    b()", "    }"]))
        #expect(!fence.occurs(in: ["if a {", "    c()", "}"]))
        #expect(!fence.occurs(in: ["if a {", "    b()"]))
    }

    @Test func everyArticleIsLinkedAndEveryLinkHasItsArticle() throws {
        let articles = try Documents.articles()
        #expect(articles.count > 10)
        let names = Set(articles.map { ($0 as NSString).lastPathComponent.dropLast(3) }.map(String.init))
        var linked = Set(Documents.modules)
        for article in articles {
            for link in try Documents.text(article).matches(of: /<doc:([A-Za-z]+)>/) {
                let name = String(link.output.1)
                #expect(names.contains(name), "\(article) links to \(name)")
                linked.insert(name)
            }
        }
        #expect(names == linked)
    }

    @Test func theDrawingIsTheSameInTheLightAndInTheDark() throws {
        let folder = "Sources/Redstream/Redstream.docc/Resources"
        let (light, dark) = (
            try Documents.text("\(folder)/states.svg"), try Documents.text("\(folder)/states~dark.svg")
        )
        let style = /(?s)<style>.*<\/style>/
        #expect(light.firstMatch(of: style)?.output != dark.firstMatch(of: style)?.output)
        #expect(light.replacing(style, with: "") == dark.replacing(style, with: ""))
    }
}
