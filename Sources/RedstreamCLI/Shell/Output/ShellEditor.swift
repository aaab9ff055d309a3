import RedstreamSystem
import SystemPackage

/// The editor in which a command is written.
enum ShellEditor {
    /// Lets the user change a text in the editor that VISUAL or EDITOR names, else in vi.
    ///
    /// - Throws: ``Failure`` if the editor failed: then nothing is to be run.
    static func edited(_ text: String, environment: [String: String]) async throws -> String {
        let folder = environment["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
        var template = Array("\(folder)/redstream-edit-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else {
            throw Failure(.failed, "cannot make a temporary file in \(folder): \(SystemError.text(of: errno))")
        }
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { unlink(path) }
        let file = FileDescriptor(rawValue: descriptor)
        _ = try file.closeAfter { try file.writeAll(Array((text + "\n").utf8)) }
        let named = [environment["VISUAL"], environment["EDITOR"]].compactMap { $0?.trimmingBlanks }
        let editor = named.first { !$0.isEmpty } ?? "vi"
        let status = try await ShellProcess.start(editor + " \"$1\"", arguments: [path], environment).ended()
        guard status == .done else {
            throw Failure(
                .failed, "\(editor) \(status.ending): nothing is run",
                hint: status.isOfMissingCommand ? "EDITOR names another editor" : nil)
        }
        let changed: FileDescriptor
        do {
            changed = try FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec)
        } catch {
            throw Failure(.failed, "cannot read what \(editor) has written: \(error)")
        }
        defer { try? changed.close() }
        return String(decoding: try await ShellOutput.all(of: changed), as: UTF8.self).trimmingBlanks
    }
}
