import ArgumentParser

/// The value of `--watch`, which may be left out.
struct WatchInterval: ExpressibleByArgument, Sendable {
    let duration: Duration

    init(duration: Duration) {
        self.duration = duration
    }

    init?(argument: String) {
        guard let text = try? DurationText(argument), text.duration >= .milliseconds(100) else { return nil }
        duration = text.duration
    }
}

extension WatchInterval: CustomStringConvertible {
    var description: String { duration.shortText }
}
