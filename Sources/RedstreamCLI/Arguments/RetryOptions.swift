import ArgumentParser

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
