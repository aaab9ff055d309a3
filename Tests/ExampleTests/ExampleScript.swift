import TestSupport
import Testing

/// The scripts of Examples that show something, each with an end that says whether it held.
enum ExampleScript {
    /// The folder of the package, two above this file's.
    private static let package = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined()

    /// Runs the `demo` of an example, which has to succeed, and returns its output.
    static func runDemo(of example: String) async throws -> String {
        let result = try await ToolProcess(
            [], environment: ["REDSTREAM": ToolProcess.executable, "SHOP": ShopProcess.executable],
            program: "\(package)/Examples/\(example)/demo"
        ).result(within: .seconds(90))
        #expect(result.exit == .status(0), "\(result.output)\(result.errors)")
        return result.output
    }
}
