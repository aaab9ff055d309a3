import RedstreamSystem

/// Files and directories of ours that last for a while, in the directory that TMPDIR names, or in /tmp.
enum TemporaryFile {
    /// The directory.
    static func directory(_ environment: [String: String]) -> String {
        environment["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
    }

    /// Makes a file that nobody else may open, and opens it.
    ///
    /// - Throws: ``Failure`` that names the directory.
    static func make(_ name: String, in environment: [String: String]) throws -> (descriptor: Int32, path: String) {
        var template = template(name, environment)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw failure("a temporary file", in: environment) }
        // No command of ours inherits it.
        Descriptor.setCloseOnExec(descriptor)
        return (descriptor, path(template))
    }

    /// Makes a directory that nobody else may enter.
    ///
    /// - Throws: ``Failure`` that names the directory in which it was to be.
    static func makeDirectory(_ name: String, in environment: [String: String]) throws -> String {
        var template = template(name, environment)
        guard mkdtemp(&template) != nil else { throw failure("a temporary directory", in: environment) }
        // TMPDIR may be relative, and what is started may go elsewhere.
        guard let absolute = realpath(path(template), nil) else { return path(template) }
        defer { free(absolute) }
        return String(cString: absolute)
    }

    private static func template(_ name: String, _ environment: [String: String]) -> [CChar] {
        Array("\(directory(environment))/redstream-\(name)XXXXXX".utf8CString)
    }

    private static func path(_ template: [CChar]) -> String {
        String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    private static func failure(_ what: String, in environment: [String: String]) -> Failure {
        let reason = SystemError.text(of: errno)
        return Failure(
            .failed, "cannot make \(what) in \(directory(environment)): \(reason)",
            hint: "TMPDIR names a directory that this user may write to")
    }
}
