import RedstreamSystem

/// The editor in which a command is written.
enum ShellEditor {
    /// Lets the user change a text in the editor that VISUAL or EDITOR names, else in vi.
    ///
    /// - Throws: ``Failure`` if the editor failed: then nothing is to be run.
    static func edited(_ text: String, environment: [String: String]) async throws -> String {
        let (descriptor, path) = try TemporaryFile.make("edit-", in: environment)
        defer { unlink(path) }
        do {
            defer { close(descriptor) }
            try Descriptor.writeAll(Array((text + "\n").utf8), to: descriptor)
        }
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
            return String(decoding: try await ShellOutput.all(of: changed), as: UTF8.self).trimmingBlanks
        } catch let error as SystemError {
            throw Failure(.failed, "cannot read what \(editor) has written: \(error.reason)")
        }
    }
}
