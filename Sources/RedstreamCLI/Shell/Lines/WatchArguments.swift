import Redstream

/// The words between the shell's `watch` and the command that it runs.
struct WatchArguments {
    /// When it ends by itself.
    enum StopCondition: String, Sendable {
        case never
        case empty = "--until-empty"
        case noLag = "--until-no-lag"
    }

    private(set) var condition = StopCondition.never
    /// The longest time to wait for the condition, as it was written; nil for no limit.
    private(set) var timeout: String?
    /// The reason why the options make no sense together; nil if they do.
    private(set) var problem: String?
    /// The time between two looks, as it was written; nil if there is none.
    private(set) var interval: String?
    /// The words of the command.
    private(set) var command: ArraySlice<String>

    /// Reads the words behind `watch`: an interval, and options before or behind it.
    init(_ words: ArraySlice<String>) {
        command = words
        takeOptions()
        interval = command.popFirst()
        takeOptions()
        if timeout != nil, condition == .never { problem = "--timeout bounds --until-no-lag or --until-empty: add one" }
    }

    private mutating func takeOptions() {
        while let word = command.first {
            if let named = StopCondition(rawValue: word), named != .never {
                if condition != .never, condition != named {
                    problem = "--until-no-lag and --until-empty both say when to end: give one"
                }
                condition = named
            } else if word == "--timeout" {
                command.removeFirst()
                timeout = command.first ?? ""
                if command.isEmpty { return }
            } else if word.begins(with: "--timeout=") {
                timeout = String(word.dropFirst("--timeout=".count))
            } else {
                return
            }
            command.removeFirst()
        }
    }

    /// Returns whether the words are for the shell's `watch`: Redis has one of its own, which takes keys.
    ///
    /// A bare number is an interval whose unit was forgotten rather than a key.
    static func areMeant(by words: ArraySlice<String>) -> Bool {
        // Redis's has no help.
        if words.count == 1, ["--help", "-h"].contains(words.first) { return true }
        guard let interval = WatchArguments(words).interval else { return false }
        let isNumber = interval.first?.isNumber == true && Double(interval) != nil
        return isNumber || (try? DurationText(interval)) != nil
    }
}

/// A command to run again and again.
struct Watch: Sendable {
    let condition: WatchArguments.StopCondition
    let interval: Duration
    /// The longest time to wait for the condition; nil for no limit.
    let timeout: Duration?
    let command: ShellLine.Command
    /// The line above its output.
    let title: String

    /// Parses the words behind `watch`.
    ///
    /// - Throws: ``Failure``; what `parse` throws, which parses the words of the command.
    init(_ words: [[UInt8]], _ parse: ([[UInt8]]) throws -> ShellLine.Command) throws {
        let arguments = WatchArguments(RedisWords(words).texts[...])
        guard let text = arguments.interval else { throw ShellBuiltin.watch.usage }
        if let problem = arguments.problem { throw Failure(.usage, "watch: \(problem)") }
        interval = try Self.duration(text, of: "watch \(text)")
        timeout = try arguments.timeout.map { try Self.duration($0, of: "watch --timeout") }
        condition = arguments.condition
        guard !arguments.command.isEmpty, interval > .zero else { throw ShellBuiltin.watch.usage }
        guard arguments.command.first != "watch" else { throw Failure(.usage, "watch cannot watch itself") }
        command = try parse(words.suffix(arguments.command.count))
        title = "every \(interval.shortText): \(TerminalText.escaped(arguments.command.joined(separator: " ")))"
    }

    private static func duration(_ text: String, of option: String) throws -> Duration {
        do { return try DurationText(text).duration } catch { throw Failure(.usage, "\(option): \(error)") }
    }
}
