import RedstreamSystem
import SystemPackage

/// A file named by the user, or standard input.
struct InputSource: Sendable {
    let file: InputFile
    /// The size in bytes, where it is known.
    let size: Int?
    let isTerminal: Bool
    let isStandardInput: Bool

    /// Opens the file of that path; nil and `-` are standard input.
    ///
    /// - Throws: ``Failure`` that names the file.
    init(file path: String?, _ context: CommandContext) throws {
        var descriptor = context.input
        if let path, path != "-" {
            do {
                descriptor = try FileDescriptor.open(FilePath(path), .readOnly).rawValue
            } catch {
                throw Failure(.badData, "cannot open \(path): \(error)")
            }
        }
        file = try InputFile(descriptor: descriptor)
        isStandardInput = descriptor == context.input
        isTerminal = descriptor == context.input && context.inputIsTerminal
        var status = stat()
        size =
            fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : nil
    }
}
