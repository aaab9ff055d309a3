import ArgumentParser
import Logging
import Redstream
import RedstreamConnection
import RedstreamSystem

/// The server to connect to, and the namespace.
struct ConnectionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Server: redis://[user[:password]@]host[:port][/db], rediss:// for TLS, or unix:///path[?db=N].",
            discussion: """
                Also redis+sentinel://host[:port],…/service[/db] and redis+cluster://host[:port],…. Without it \
                REDSTREAM_URL, then REDIS_URL.
                """))
    var url: String?

    @Option(help: "Prefix of all keys. Without it REDSTREAM_NAMESPACE.", transform: NameText.parsed)
    var namespace: String?

    @Option(
        help: ArgumentHelp(
            "File whose first line is the password.",
            discussion: "It is read again when the server refuses the password that it held.", valueName: "file"),
        completion: .file())
    var passwordFile: String?

    @Option(
        help: ArgumentHelp("CA certificates to trust, PEM (default: those of the system).", valueName: "file"),
        completion: .file())
    var cacert: String?

    @Option(help: ArgumentHelp("Client certificate, PEM.", valueName: "file"), completion: .file())
    var cert: String?

    @Option(help: ArgumentHelp("Key of --cert, PEM.", valueName: "file"), completion: .file())
    var key: String?

    @Option(duration: "How long opening a connection may take (default: 5s).")
    var connectTimeout: DurationText?

    /// True if ``configuration(in:)`` takes nothing away and waits for nobody: a pipe is read once, by the command.
    var canBeReadAgain: Bool {
        passwordFile.map { OpenFile.kind(of: $0) == .regular } ?? true
    }

    /// The server to connect to.
    ///
    /// - Throws: ``Failure`` that says which of the sources is wrong, and never shows a password.
    func configuration(in context: CommandContext) throws -> RedisConfiguration {
        if let session = session(in: context) { return session.pool.configuration }
        let password = try passwordFile.map { file in
            try context.passwords.password(of: file) { Secret(try Self.password(in: file, context)) }
        }
        var configuration = RedisConfiguration(password: password)
        if url == nil, let session = context.session {
            // The server of the session, with another password, certificate or time limit.
            configuration = session.pool.configuration
            configuration.password = password ?? configuration.password
        } else if let (source, text) = try namedURL(in: context) {
            do {
                configuration = try RedisConfiguration(url: text, password: password)
            } catch {
                throw Failure(.usage, "the URL of \(source) \(error)")
            }
        }
        if let password { configuration.passwordSource = passwordSource(initial: password, in: context) }
        if let connectTimeout { configuration.connectTimeout = connectTimeout.duration }
        try addCertificates(to: &configuration)
        return configuration
    }

    /// Returns the way to read the password again; nil without a password file, or if it is a pipe.
    ///
    /// A service outlives a password: the file is read again when a server refuses the one that it held.
    private func passwordSource(initial: Secret?, in context: CommandContext) -> PasswordSource? {
        guard let passwordFile, canBeReadAgain else { return nil }
        return PasswordSource("--password-file \(passwordFile)", initial: initial) {
            Secret(try Self.password(in: passwordFile, context))
        }
    }

    /// The URL of the server, and the option or variable that has named it; nil for the default server.
    private func namedURL(in context: CommandContext) throws(Failure) -> (source: String, text: String)? {
        if let url, !url.isEmpty { return ("--url", url) }
        for variable in ["REDSTREAM_URL", "REDIS_URL"] {
            if let url = try context.variable(variable), !url.isEmpty { return (variable, url) }
        }
        return nil
    }

    /// Sentences about what was given and does not count.
    func ignoredOptions(in context: CommandContext) -> [String] {
        guard passwordFile != nil, url != nil || context.session == nil,
            let (source, text) = (try? namedURL(in: context)) ?? nil,
            (try? RedisConfiguration(url: text))?.password != nil
        else { return [] }
        return ["the password of \(source) is ignored: --password-file counts"]
    }

    /// The options and variables that have named the user and the password; nil if none has.
    func credentials(in context: CommandContext) -> String? {
        guard session(in: context) == nil else { return nil }
        let named = (try? namedURL(in: context)) ?? nil
        guard let passwordFile else { return named?.source }
        let file = "--password-file \(ShellText.quoted(passwordFile))"
        guard let named, (try? RedisConfiguration(url: named.text))?.username != nil else { return file }
        return "the user in \(named.source), and \(file)"
    }

    /// Adds what TLS needs, where the URL wants TLS.
    private func addCertificates(to configuration: inout RedisConfiguration) throws {
        let given = [("--cacert", cacert), ("--cert", cert), ("--key", key)].filter { $0.1 != nil }
        guard let first = given.first else { return }
        guard configuration.tls != nil else {
            throw Failure(.usage, "\(first.0) is for a server with TLS", hint: "name it with --url rediss://host")
        }
        guard (cert == nil) == (key == nil) else {
            throw Failure(.usage, "--cert and --key belong together: one is missing")
        }
        configuration.tls = .init(authoritiesFile: cacert, certificateFile: cert, keyFile: key)
    }

    /// The options that make another command meet the same server and namespace, each a word for the shell.
    ///
    /// What came from the environment is left to it. A password is not repeated; without it the server refuses, which
    /// is better than that another server obeys.
    private var shellWords: [String] {
        var words: [String] = []
        if let url { words += ["--url", ShellText.quoted(SecretText.withoutPassword(url))] }
        if let passwordFile { words += ["--password-file", ShellText.quoted(passwordFile)] }
        for case (let option, let file?) in [("--cacert", cacert), ("--cert", cert), ("--key", key)] {
            words += [option, ShellText.quoted(file)]
        }
        if let namespace { words += ["--namespace", NameText.quoted(namespace)] }
        return words
    }

    /// Returns a command of this tool about a consumer at the same server, as it can be pasted.
    func command(
        _ subcommand: String, stream: String, shards: Sharding? = nil, name: String, to target: String?
    ) -> String {
        var words = ["redstream", subcommand] + shellWords + ["--stream", NameText.quoted(stream)]
        if let shards { words += ["--shards", "\(shards.count)"] }
        words += ["--name", NameText.quoted(name)]
        if let target { words += ["--to", target] }
        return words.joined(separator: " ")
    }

    /// The streams to work on; its services speak on the console.
    func client(in context: CommandContext) throws -> StreamClient {
        let server = try configuration(in: context)
        let handler = ConsoleLogHandler(console: context.console, server: server, place: place(in: context))
        let logger = Logger(label: "redstream", factory: { _ in handler })
        if let session = session(in: context) {
            return StreamClient(pool: session.pool, namespace: try namespace(in: context), logger: logger)
        }
        return StreamClient(server, namespace: try namespace(in: context), logger: logger)
    }

    /// The names of the keys that are worked on.
    func keyspace(in context: CommandContext) -> Keyspace {
        Keyspace(namespace: (try? namespace(in: context)) ?? nil)
    }

    /// The place where hints are read: the shell for a command that works on its session's server.
    func place(in context: CommandContext) -> Failure.Place { session(in: context) == nil ? .commandLine : .shell }

    /// The session to join: none where another server, or another user, is named.
    private func session(in context: CommandContext) -> SessionClient? {
        let isSame = url == nil && passwordFile == nil && cacert == nil && cert == nil && key == nil
        return isSame && connectTimeout == nil ? context.session : nil
    }

    /// Returns the prefix of all keys; nil for none.
    ///
    /// - Throws: ``Failure`` for a variable that cannot be meant.
    func namespace(in context: CommandContext) throws(Failure) -> String? {
        if let namespace { return namespace }
        if url == nil, let session = context.session { return session.namespace }
        let variable = "REDSTREAM_NAMESPACE"
        guard let text = try context.variable(variable) else { return nil }
        do {
            return try NameText.parsed(text)
        } catch {
            throw Failure(.usage, "\(variable) is invalid: \(error.description)")
        }
    }

    /// Returns the password of a file.
    ///
    /// - Throws: ``Failure``, also for one that nobody has typed: it would be refused by the server without a reason.
    private static func password(in file: String, _ context: CommandContext) throws -> String {
        let name = "the password file \(file)"
        var line = try firstLine(of: file, in: context)
        do throws(Failure) {
            line = try ByteOrderMark.removed(from: line, context.console, name)
        } catch {
            throw Failure(.usage, error.message, hint: error.hint)
        }
        guard let text = String(validating: line, as: UTF8.self) else {
            throw Failure(.usage, "\(name) is not UTF-8", hint: "iconv makes UTF-8 of other encodings")
        }
        if let problem = InvisibleText.atEnds(of: text) {
            throw Failure(.usage, "\(name) is refused: \(problem)", hint: "remove it from the first line")
        }
        guard !text.isEmpty else {
            throw Failure(
                .usage, "\(name) has no password: its first line is empty",
                hint: "its first line is the password; without one, leave out --password-file")
        }
        return text
    }

    /// Reads the first line, and ends with the first signal while the writer of a pipe takes its time.
    private static func firstLine(of file: String, in context: CommandContext) throws -> [UInt8] {
        do throws(OpenFile.ContentsError) {
            let open: OpenFile
            do throws(SystemError) { open = try OpenFile.reading(file) } catch { throw .refused(error) }
            return try open.contents(
                atMost: 4096, upTo: { $0.firstIndex { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") } },
                // A regular file makes nobody wait, and may be read again while the last batch is finished.
                unless: { open.kind != .regular && context.signals.first != nil })
        } catch {
            if error == .stopped { throw CancellationError() }
            let hint: String? =
                switch error {
                case .tooLong: "its first line is the password: is it the right file?"
                case .refused(let error): Failure.hint(for: error)
                default: nil
                }
            throw Failure(.usage, "cannot read the password file \(file): \(error)", hint: hint)
        }
    }
}
