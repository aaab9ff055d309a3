import ArgumentParser
import Redstream

/// The value of `--watch`, which may be left out.
///
/// The parser passes over a value that cannot be read, and takes the default; so every text is taken, and checked later.
struct WatchInterval: ExpressibleByArgument, Sendable {
    let duration: Duration
    /// The fault of the text; nil where there is none.
    let problem: String?

    init(duration: Duration) {
        self.init(duration: duration, problem: duration < .milliseconds(100) ? "it is at least 100ms" : nil)
    }

    init(argument: String) {
        do {
            self.init(duration: try DurationText(argument).duration)
        } catch {
            self.init(duration: .zero, problem: "\(error)")
        }
    }

    private init(duration: Duration, problem: String?) {
        self.duration = duration
        self.problem = problem
    }
}

extension WatchInterval: CustomStringConvertible {
    var description: String { duration.shortText }
}
