import ArgumentParser

/// When to colour.
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
