import Logging
import RedstreamConnection

/// Shows what services say, from notices on, as lines of the tool itself; where one tells of an error that is waited out,
/// with what to do about it.
struct ConsoleLogHandler: LogHandler {
    let console: Console
    private let advise: @Sendable (RedisError, Console) -> Void
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .notice

    /// - Parameters:
    ///   - console: The console to write to.
    ///   - advise: Says what to do about an error.
    init(_ console: Console, advise: @escaping @Sendable (RedisError, Console) -> Void = { _, _ in }) {
        self.console = console
        self.advise = advise
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        console.note("\(event.message)")
        if let error = event.error as? RedisError { advise(error, console) }
    }
}
