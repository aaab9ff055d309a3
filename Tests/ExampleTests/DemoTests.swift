import TestSupport
import Testing

/// What a newcomer runs first.
@Suite struct CatalogueExampleTests {
    /// The folder of the package, three above this file's.
    private static let package = #filePath.split(separator: "/").dropLast(4).map { "/\($0)" }.joined()

    @Test func theIndexFollowsThePrimaryThroughALostMessage() async throws {
        let result = try await ToolProcess(
            [], environment: ["REDSTREAM": ToolProcess.executable],
            program: Self.package + "/Examples/catalogue/demo"
        ).result(within: .seconds(60))
        #expect(result.exit == .status(0), "\(result.output)\(result.errors)")
        // The message that was never sent is missed first, and repaired by its delay message.
        #expect(result.output.contains(" 1 of them or of the index's differ"))
        #expect(result.output.contains("The index equals the primary"))
    }
}
