import ArgumentParser

/// How long finite work waits for a server that is away.
struct RetryOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How long finite work tries to reach a server that is away (default: 30s).",
            discussion: "It bounds --connect-timeout; 0s tries once.", valueName: "duration"),
        transform: DurationText.init(_:))
    var retryFor = DurationText(duration: .seconds(30))
}
