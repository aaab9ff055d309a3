import ArgumentParser
import Redstream
import RedstreamConnection

/// The condition at which the shell's `watch` ends by itself.
///
/// A name that does not exist never lets it pass: a script would go on although nothing was waited for.
struct WatchGate: Sendable {
    /// The stream without which an empty output says nothing.
    private enum Source: Sendable {
        case stream
        case key(String)
        case unknown
    }

    private let condition: WatchArguments.StopCondition
    private let source: Source
    private let look: StatusLook
    private let retryLimit: Duration

    /// Creates the gate of a command; what the command is narrowed to holds for the gate too.
    init(_ watch: Watch, _ shell: Shell, in context: CommandContext) throws {
        var inner = context
        inner.session = shell.session.client
        inner.passwords = ReadPasswords()
        condition = watch.condition
        var command: (any ConnectedCommand)?
        if case .ours(let line) = watch.command { command = line.command as? any ConnectedCommand }
        let common = try command?.common ?? CommonOptions.parse([])
        retryLimit = common.retry.limit
        let client = try common.connection.client(in: inner)
        look = StatusLook(
            client: client, options: command?.watched ?? .init(stream: shell.session.state.stream),
            location: Location(client))
        source =
            if command?.watched != nil {
                .stream
            } else if case .redis(let words) = watch.command, words.texts.count > 1,
                ["xlen", "xrange", "xrevrange"].contains(words.texts[0].lowercased())
            {
                .key(words.texts[1])
            } else {
                .unknown
            }
    }

    /// Returns a line for each consumer that lags; none if nobody does, or if it is not waited for that.
    ///
    /// - Throws: ``Failure`` with ``ExitCode/checkFailed`` if there is no consumer of the names that were given.
    func laggards(in context: CommandContext) async throws -> [String] {
        guard condition == .noLag else { return [] }
        return try await context.retrying(look.client, for: retryLimit) {
            let report = try await Inspector(look.client, options: look.options).report()
            if let missing = try await look.missing(in: report, isCheck: true) { throw missing }
            let stream = look.options.stream ?? ""
            if let warning = await ShardCheck.warning(of: stream, look.options.sharding, look.client) {
                throw Failure(.checkFailed, warning)
            }
            return LagCheck(maxLag: 0, maxBehind: nil).breaches(in: report)
        }
    }

    /// Says who lags when the time is up, and returns the failure.
    func timedOut(_ timeout: Duration?, _ laggards: [String], in context: CommandContext) -> Failure {
        for line in laggards { context.console.note(line) }
        let what =
            if condition == .empty {
                "the output is not empty"
            } else {
                laggards.isEmpty ? "the server has not said who lags" : "still behind"
            }
        return Failure(.checkFailed, "\(what) after \((timeout ?? .zero).shortText)")
    }

    /// Makes sure that an empty output does not come from a name that does not exist.
    ///
    /// Redis keeps a stream that has lost its last entry, unlike other keys.
    ///
    /// - Throws: ``Failure`` with ``ExitCode/checkFailed`` if the stream of the command does not exist.
    func requireStream(in context: CommandContext) async throws {
        switch source {
        case .unknown: return
        case .stream:
            try await context.retrying(look.client, for: retryLimit) {
                let report = try await Inspector(look.client, options: look.options).report()
                if let missing = try await look.missing(in: report, isCheck: false) { throw missing }
            }
        case .key(let key):
            let pool = look.client.pool
            let exists = try await context.retrying(look.client, for: retryLimit) {
                try await pool.withConnection(for: key) { try await $0.call("EXISTS", key) }.integer == 1
            }
            if !exists { throw Failure(.checkFailed, "there is no stream at the key \(key)") }
        }
    }
}
