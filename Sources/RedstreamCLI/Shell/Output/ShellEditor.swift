import RedstreamSystem

/// The editor in which a command is written.
enum ShellEditor {
    /// Lets the user change a text in the editor that VISUAL or EDITOR names, else in vi.
    ///
    /// - Returns: The text; nil if the editor was left without saving.
    /// - Throws: ``Failure`` if the editor failed: then nothing is to be run.
    static func edited(_ text: String, environment: [String: String]) async throws -> String? {
        let (descriptor, path) = try TemporaryFile.make("edit-", in: environment)
        defer { unlink(path) }
        do {
            defer { close(descriptor) }
            try Descriptor.writeAll(Array((text + "\n").utf8), to: descriptor)
        }
        let before = FileState(path)
        let named = [environment["VISUAL"], environment["EDITOR"]].compactMap { $0?.trimmingBlanks }
        let editor = named.first { !$0.isEmpty } ?? "vi"
        let status = try await ShellProcess.start(editor + " \"$1\"", arguments: [path], environment).ended()
        guard status == .done else {
            throw Failure(
                .failed, "\(editor) \(status.ending): nothing is run",
                hint: status.isOfMissingCommand ? "EDITOR names another editor" : nil)
        }
        do {
            // An editor may have put anything in its place.
            let changed = try InputFile(OpenFile.reading(path))
            let edited = String(decoding: try await ShellOutput.all(of: changed), as: UTF8.self).trimmingBlanks
            return before == FileState(path) && edited == text.trimmingBlanks ? nil : edited
        } catch let error as SystemError {
            throw Failure(.failed, "cannot read what \(editor) has written: \(error.reason)")
        }
    }
}

/// The state of a file, by which a save is noticed.
private struct FileState: Equatable {
    private let number: UInt64
    private let seconds: Int
    private let nanoseconds: Int

    init(_ path: String) {
        var status = stat()
        stat(path, &status)
        number = UInt64(status.st_ino)
        #if os(Linux)
        (seconds, nanoseconds) = (status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
        #else
        (seconds, nanoseconds) = (status.st_mtimespec.tv_sec, status.st_mtimespec.tv_nsec)
        #endif
    }
}
