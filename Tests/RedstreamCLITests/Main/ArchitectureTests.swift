import Foundation
import Testing

/// Nothing imports against the arrows of the architecture.
///
///     CHiredis ← RedstreamConnection ← Redstream ← RedstreamGRDB → GRDB
///                                  ↑
///     CEditline ← LineEditing ← RedstreamCLI → ArgumentParser
///                                  ↑
///                             RedstreamTool
///
/// Under all of them but RedstreamGRDB is RedstreamSystem, which has the C library.
@Suite struct ArchitectureTests {
    private static let system: Set = ["Synchronization", "Dispatch", "FoundationEssentials"]
    /// What each module may import, besides the system.
    private static let allowed: [String: Set<String>] = [
        "RedstreamSystem": ["Glibc", "Musl", "Darwin"],
        "CHiredis": [],
        "RedstreamConnection": ["CHiredis", "RedstreamSystem", "NIOCore", "NIOPosix", "NIOSSL", "NIOTLS"],
        "Redstream": ["RedstreamConnection", "RedstreamSystem", "Logging", "Metrics", "ServiceLifecycle"],
        "RedstreamGRDB": ["Redstream", "GRDB", "Logging", "Metrics"],
        "CEditline": [],
        "LineEditing": ["CEditline", "RedstreamSystem"],
        "RedstreamCLI": [
            "Redstream", "RedstreamConnection", "RedstreamSystem", "LineEditing", "ArgumentParser", "Logging",
            "ServiceLifecycle",
        ],
        "RedstreamTool": ["RedstreamCLI", "RedstreamSystem"],
    ]

    private static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private static func swiftFiles(
        in folder: String = "Sources"
    ) throws -> [(module: String, file: String, text: String)] {
        let folder = root.appending(path: folder)
        let all = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
        return try all.filter { $0.hasSuffix(".swift") }.sorted().map { path in
            let text = try String(contentsOf: folder.appending(path: path), encoding: .utf8)
            return (String(path.prefix { $0 != "/" }), path, text)
        }
    }

    /// The modules that a file imports.
    private static func imports(in text: String) -> [String] {
        text.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard let place = words.firstIndex(of: "import"), place < 3, words.count > place + 1,
                words[..<place].allSatisfy({
                    $0.first == "@" || ["public", "package", "internal"].contains($0)
                })
            else { return nil }
            return words[place + 1].split(separator: ".").first.map(String.init)
        }
    }

    @Test func nothingImportsAgainstTheArrows() throws {
        let files = try Self.swiftFiles()
        #expect(files.count > 80)
        for (module, file, text) in files {
            let allowed = try #require(Self.allowed[module], "\(module) has a place among the arrows")
            for name in Self.imports(in: text) {
                #expect(Self.system.contains(name) || allowed.contains(name), "\(file) imports \(name)")
            }
        }
    }

    @Test func theArrowsAreThoseThatAreInUse() throws {
        var used: [String: Set<String>] = [:]
        for (module, _, text) in try Self.swiftFiles() {
            used[module, default: []].formUnion(Self.imports(in: text).filter { !Self.system.contains($0) })
        }
        // The C modules have no Swift files.
        let swiftModules = Self.allowed.filter { !$0.key.hasPrefix("C") }
        for (module, allowed) in swiftModules { #expect(used[module] == allowed) }
    }

    @Test func onlyOneModuleAsksWhereItIsCompiled() throws {
        for (module, file, text) in try Self.swiftFiles() where module != "RedstreamSystem" {
            #expect(!text.contains("canImport("), "\(file) asks for a module")
        }
    }

    @Test func importsAreFoundHoweverTheyAreWritten() {
        let text = """
            import A
            @testable import B
            public import C
                internal import struct
            // import D
            let text = "import E"
            import F.Sub
            """
        #expect(Self.imports(in: text) == ["A", "B", "C", "struct", "F"])
    }

    @Test func theLibrariesPrintNothingAndInstallNoSignalHandlers() throws {
        let forbidden = [
            /\bprint\(/, /\bdebugPrint\(/, /\bsigaction\(/, /\bsignal\(SIG/, /\bexit\(/, /\bstdout\b/,
        ]
        for (module, file, text) in try Self.swiftFiles()
        where ["RedstreamConnection", "Redstream", "RedstreamGRDB"].contains(module) {
            let code = text.split(separator: "\n").filter { !$0.drop { $0 == " " }.hasPrefix("//") }
            for pattern in forbidden {
                for line in code { #expect(line.firstMatch(of: pattern) == nil, "\(file): \(line)") }
            }
        }
    }

    /// Calls that a system with few descriptors or threads refuses: RedstreamSystem makes an error of that.
    @Test func whatTheSystemMayRefuseIsAskedForInOneModule() throws {
        let forbidden = [
            /\bpthread_create\(/, /= pipe\(&/, /\bsocketpair\(/, /\bstrerror\(/, /\bTask\.sleep\(/,
            /\bFileDescriptor\.(?:open|pipe)\(/,
        ]
        for (module, file, text) in try Self.swiftFiles() where module != "RedstreamSystem" {
            for pattern in forbidden { #expect(text.firstMatch(of: pattern) == nil, "\(file) has \(pattern)") }
        }
    }

    @Test func noTwoFoldersOfAModuleReferToEachOther() throws {
        let declaration =
            /(?m)^(?:(?:public|package|final|indirect) )*(?:struct|class|enum|actor|protocol|typealias) ([A-Z]\w+)/
        var homes: [Substring: Substring] = [:]
        var words: [(folder: Substring, names: Set<Substring>)] = []
        for (_, file, text) in try Self.swiftFiles() {
            let folder = file[..<(file.lastIndex(of: "/") ?? file.endIndex)]
            for match in text.matches(of: declaration) { homes[match.1] = folder }
            // Comments may refer to anything.
            let code = text.split(separator: "\n").map {
                $0.prefix(upTo: $0.firstRange(of: "//")?.lowerBound ?? $0.endIndex)
            }
            words.append((folder, Set(code.flatMap { $0.split { !$0.isLetter && !$0.isNumber && $0 != "_" } })))
        }
        var arrows: [Substring: Set<Substring>] = [:]
        for (folder, names) in words {
            let targets = names.compactMap { homes[$0] }.filter {
                $0.split(separator: "/")[0] == folder.split(separator: "/")[0]
            }
            arrows[folder, default: []].formUnion(targets.filter { $0 != folder })
        }
        #expect(arrows.count > 40)
        for (folder, targets) in arrows {
            for target in targets where arrows[target]?.contains(folder) == true {
                Issue.record("\(folder) and \(target) refer to each other")
            }
        }
    }

    @Test func nothingTrapsWithoutASentence() throws {
        for (_, file, text) in try Self.swiftFiles() {
            for word in ["try!", "fatalError(", "as! "] {
                #expect(!text.contains(word), "\(file) has \(word)")
            }
        }
    }

    /// The first line of each documentation comment in a file, without the slashes.
    private static func summaries(in text: String) -> [Substring] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { $0.drop { $0 == " " } }
        return zip([""] + lines, lines).filter { !$0.hasPrefix("///") && $1.hasPrefix("///") }
            .map { $1.dropFirst(3).drop { $0 == " " } }
    }

    @Test func documentationCommentsBeginWithAVerbOrANoun() throws {
        for (_, file, text) in try ["Sources", "Tests", "Examples"].flatMap(Self.swiftFiles)
        where !file.hasSuffix("ArchitectureTests.swift") {
            for line in Self.summaries(in: text) {
                let clause = line.prefixMatch(of: /(?:What|Who|Whose|Whether|Where|Which|How)\b/)
                #expect(clause == nil, "\(file): \(line)")
            }
        }
    }

    /// The fuzz targets build files of Sources by links.
    @Test func linksOfTheFuzzTargetsLeadToFiles() throws {
        let folder = Self.root.appending(path: "Tests/Fuzz/Modules")
        let paths = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
        #expect(!paths.isEmpty)
        for path in paths {
            #expect(FileManager.default.fileExists(atPath: folder.appending(path: path).path), "\(path)")
        }
    }

    @Test func summariesAreTheFirstLinesOfComments() {
        let text = """
            /// Summary.
            /// How it goes on.
            let one = 1  /// no comment of its own

                /// What it is.
                ///
                /// More.
                let two = 2
            // Plain.
            /// Last.
            """
        #expect(Self.summaries(in: text) == ["Summary.", "What it is.", "Last."])
    }

    @Test func testNamesHaveAtMostSixtyCharacters() throws {
        let files = try Self.swiftFiles(in: "Tests")
        #expect(files.count > 80)
        for (_, file, text) in files {
            for match in text.matches(of: /\bfunc (\w+|`[^`]+`)/) {
                #expect(match.1.count <= 60, "\(file): \(match.1)")
            }
        }
    }
}
