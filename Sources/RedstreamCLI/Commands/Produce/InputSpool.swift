import RedstreamSystem

/// Keeps lines in a file that has no name, so that they can be read again and memory stays small.
///
/// The file is in $TMPDIR, or /tmp; nobody else can open it, and it is gone with this process.
final class InputSpool: Sendable {
    private let descriptor: Int32
    private let file: OutputFile
    private let directory: String
    private let thread = WorkerThread()

    /// Creates an empty file.
    ///
    /// - Throws: ``Failure`` that names the directory; `SystemError` if the lines could not be read again.
    init(in environment: [String: String]) throws {
        // Later, it would be too late for a change that is to be followed.
        try thread.start()
        let (descriptor, path) = try TemporaryFile.make("", in: environment)
        unlink(path)
        directory = TemporaryFile.directory(environment)
        self.descriptor = descriptor
        file = OutputFile(descriptor: descriptor)
    }

    deinit {
        close(descriptor)
    }

    /// Appends bytes.
    ///
    /// - Throws: ``Failure``, such as for a full disk; `CancellationError`.
    func append(_ bytes: [UInt8]) async throws {
        do {
            try await file.write(bytes)
        } catch OutputError.failed(let error) {
            throw Self.failure(error.reason, in: directory)
        }
    }

    /// The lines from the first one on.
    func reader() -> InputFile {
        lseek(descriptor, 0, SEEK_SET)
        return InputFile(regularFile: descriptor, on: thread)
    }

    /// The number of bytes.
    var size: Int {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
    }

    private static func failure(_ reason: String, in directory: String) -> Failure {
        Failure(
            .failed, "cannot keep the input in \(directory): \(reason)",
            hint: "TMPDIR names a directory that has room for all of it")
    }
}
