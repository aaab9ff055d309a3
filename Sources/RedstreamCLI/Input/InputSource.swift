import RedstreamSystem

/// A file named by the user, or standard input.
struct InputSource: Sendable {
    let file: InputFile
    /// The size in bytes, where it is known.
    let size: Int?
    let isTerminal: Bool
    let isStandardInput: Bool

    /// Opens the file of that path, which does not wait for the writer of a pipe; nil and `-` are standard input.
    ///
    /// - Throws: ``Failure`` that names the file; `SystemError`.
    init(file path: String?, _ context: CommandContext) throws {
        guard let path, path != "-" else {
            file = try InputFile(descriptor: context.input)
            isStandardInput = true
            isTerminal = context.inputIsTerminal
            var status = stat()
            let isRegular = fstat(context.input, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
            size = isRegular ? Int(status.st_size) : nil
            return
        }
        let open = try OpenFile.input(path)
        file = try InputFile(open)
        size = open.size
        isStandardInput = false
        isTerminal = false
    }
}

extension OpenFile {
    /// Opens a file of input that the user has named.
    ///
    /// - Throws: ``Failure`` that names the file.
    static func input(_ path: String) throws(Failure) -> OpenFile {
        do throws(SystemError) { return try reading(path) } catch {
            throw Failure(.badData, "cannot open \(path): \(error.reason)", hint: Failure.hint(for: error))
        }
    }
}
