/// What stands between the shell's `watch` and the command that it runs.
struct WatchArguments {
    /// When it ends by itself.
    enum StopCondition: String {
        case never
        case empty = "--until-empty"
        case noLag = "--until-no-lag"
    }

    private(set) var condition = StopCondition.never
    /// How often to look, as it was written; nil where nothing stands there.
    let interval: String?
    /// The words of the command.
    let command: ArraySlice<String>

    /// Reads the words behind `watch`: an interval, and options before or behind it.
    init(_ words: ArraySlice<String>) {
        var words = words
        var condition = StopCondition.never
        func takeOptions() {
            while let named = words.first.flatMap(StopCondition.init(rawValue:)), named != .never {
                condition = named
                words.removeFirst()
            }
        }
        takeOptions()
        interval = words.popFirst()
        takeOptions()
        self.condition = condition
        command = words
    }

    /// Whether the words are for the shell's `watch`: Redis has one of its own, which takes keys.
    ///
    /// A bare number is an interval whose unit was forgotten rather than a key.
    static func areMeant(by words: ArraySlice<String>) -> Bool {
        guard let interval = WatchArguments(words).interval else { return false }
        let isNumber = interval.first?.isNumber == true && Double(interval) != nil
        return isNumber || (try? DurationText(interval)) != nil
    }
}
