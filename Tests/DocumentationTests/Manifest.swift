import Foundation
import RedstreamSystem

/// A Package.swift of a sample, as Swift's package manager reads it.
struct Manifest {
    private struct Description: Decodable {
        struct Target: Decodable {
            struct Dependency: Decodable {
                let product: [String?]?

                private enum CodingKeys: CodingKey { case product }

                init(from decoder: any Decoder) throws {
                    // `[name, package, aliases, condition]`, of which the last two may be anything.
                    let container = try decoder.container(keyedBy: CodingKeys.self)
                    guard var parts = try? container.nestedUnkeyedContainer(forKey: .product) else {
                        product = nil
                        return
                    }
                    product = [try parts.decode(String.self), try parts.decodeIfPresent(String.self)]
                }
            }
            let dependencies: [Dependency]
        }
        let targets: [Target]
    }

    private let description: Description

    /// Reads a manifest; nothing is fetched or built.
    init(_ text: String) async throws {
        let json = try await onThread { try Self.json(of: text) }
        description = try JSONDecoder().decode(Description.self, from: json)
    }

    private static func json(of text: String) throws -> Data {
        let folder = FileManager.default.temporaryDirectory.appending(path: "manifest-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try text.write(to: folder.appending(path: "Package.swift"), atomically: true, encoding: .utf8)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["swift", "package", "--package-path", folder.path, "dump-package"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let json = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw CocoaError(.fileReadCorruptFile) }
        return json
    }

    /// The products of a package that its targets use.
    func products(of package: String) -> Set<String> {
        let products = description.targets.flatMap(\.dependencies).compactMap(\.product)
        return Set(products.filter { $0[1] == package }.compactMap { $0[0] })
    }
}
