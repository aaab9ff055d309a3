import ArgumentParser
import Redstream

/// The options that every command has that works on a server.
struct CommonOptions: ParsableArguments {
    @OptionGroup(title: "Connection") var connection: ConnectionOptions

    @OptionGroup(title: "Connection") var retry: RetryOptions

    @OptionGroup var color: ColorOptions
}

/// The time that one-shot commands wait for a server that is away.
struct RetryOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How long one-shot commands keep trying to connect; 0s tries once (default: 30s).",
            discussion: "It bounds --connect-timeout too.", valueName: "duration"),
        transform: DurationText.init(_:))
    var retryFor: DurationText?

    /// The time.
    var limit: Duration { retryFor?.duration ?? .seconds(30) }

    /// Says that the option does not count for a command that runs until it is stopped.
    var ignoredByServices: [String] {
        retryFor == nil ? [] : ["--retry-for is ignored: this command runs until it is stopped, and never gives up"]
    }
}

/// The time that a service has to finish after a signal.
struct GraceOptions: ParsableArguments {
    @Option(duration: "How long the current batch or pass may take to finish after a signal (default: 10s).")
    var grace: DurationText?

    /// The time.
    var limit: Duration { grace?.duration ?? .seconds(10) }

    /// Says that the option does not count for a single pass.
    func ignored(by option: String) -> [String] {
        grace == nil ? [] : ["--grace is ignored with \(option): the first signal ends it at once"]
    }
}

/// The time between two scans for names by a service.
struct ScanOptions: ParsableArguments {
    @Option(
        duration: "Time between scans for unknown names (default: 100 times what the last scan took, 1h at most).")
    var scanInterval: DurationText?

    /// The time; nil where the price of scans decides.
    var interval: Duration? { scanInterval?.duration }

    /// Says that the option does not count, and why.
    func ignored(because reason: String) -> [String] {
        scanInterval == nil ? [] : ["--scan-interval is ignored: \(reason)"]
    }
}

/// The choice of colours.
struct ColorOptions: ParsableArguments {
    /// The choices of `--color`.
    enum Choice: String, ExpressibleByArgument, CaseIterable, Sendable {
        case auto
        case always
        case never
    }

    @Option(help: ArgumentHelp("When to colour.", valueName: "when"))
    var color = Choice.auto

    /// Returns whether standard output is to be coloured: on a terminal that knows how, unless NO_COLOR is set.
    func isOn(in context: CommandContext) -> Bool {
        switch color {
        case .always: true
        case .never: false
        case .auto:
            context.outputIsTerminal && context.environment["NO_COLOR", default: ""].isEmpty
                && context.environment["TERM"] != "dumb"
        }
    }
}

extension Option {
    /// Declares an option that takes a duration.
    init(duration help: String) where Value == DurationText? {
        self.init(help: ArgumentHelp(help, valueName: "duration"), transform: DurationText.init(_:))
    }

    /// Declares an option that takes a number; a negative one is for the command to refuse.
    init(number help: String) where Value == Int? {
        self.init(parsing: .unconditional, help: ArgumentHelp(help, valueName: "number"))
    }

    /// Declares an option that takes the number of shards.
    init(shards help: String) where Value == Sharding? {
        self.init(help: ArgumentHelp(help, valueName: "number"), transform: Sharding.init(argument:))
    }
}

/// The format of reports of commands that do not write records.
enum ReportFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    case text
    case json
}
