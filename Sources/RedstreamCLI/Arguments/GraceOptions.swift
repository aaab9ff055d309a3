import ArgumentParser

/// The time that a service has to finish after a signal.
struct GraceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How long the current batch or pass may take to finish after a signal (default: 10s).",
            valueName: "duration"),
        transform: DurationText.init(_:))
    var grace: DurationText?

    /// The time.
    var limit: Duration { grace?.duration ?? .seconds(10) }

    /// Says that the option does not count for a single pass.
    func ignored(by option: String) -> [String] {
        grace == nil ? [] : ["--grace is ignored with \(option): the first signal ends it at once"]
    }
}
