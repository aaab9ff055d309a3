@testable import Redstream
@testable import RedstreamCLI

extension FuzzTarget {
    /// Lengths of time, as options take them.
    static let durations = FuzzTarget(name: "durations") { input in
        do throws(OptionTextError) {
            let duration = try DurationText(input.text).duration
            require((.zero...DurationText.longest).contains(duration), "a duration lies in its range")
            guard let short = try? DurationText(duration.shortText).duration else {
                preconditionFailure("\(duration.shortText) is read back")
            }
            require(short <= duration && duration - short < .seconds(3600), "what is shown is cut off, not more")
            require(
                (.zero - duration).shortText == (duration == .zero ? "" : "-") + duration.shortText, "signs are shown")
        } catch {
            require(!error.description.isEmpty, "a refusal has a reason")
        }
    }

    /// Points in time, and positions in a stream.
    static let times = FuzzTarget(name: "times") { input in
        let text = input.text
        checkDate(text)
        _ = try? PositionText(text)
        guard let point = try? PointInTime(text, localTime: { $0.secondsInUTC - 3600 }) else { return }
        for now in [0, 1, 1_795_428_000_250, UInt64.max] {
            let (start, end) = (point.startID(now: now), point.endID(now: now))
            require(start <= end, "a range that starts and ends at one point is not empty")
            require(start.milliseconds == end.milliseconds, "both ends are at the same time")
            if case .ago = point { require(start.milliseconds <= now, "ago is not in the future") }
        }
    }
}

/// Requires that a date is the moment that a calendar which counts days one by one has for it.
private func checkDate(_ text: String) {
    guard let date = try? DateTimeText(text) else { return }
    require((0..<1000).contains(date.millisecond), "a part of a second is less than one")
    let fields = date.fields
    let time = Int64(fields.hour * 3600 + fields.minute * 60 + fields.second)
    let expected = daysSince1970(fields) * 86400 + time - Int64(date.offset ?? 0)
    let found = try? date.milliseconds(local: \.secondsInUTC)
    require(found == (expected < 0 ? nil : UInt64(expected) * 1000 + UInt64(date.millisecond)), "a date is its moment")
    // The system's zone may skip the time, and nothing else.
    _ = try? date.milliseconds(local: LocalTime.seconds)
}

private func daysSince1970(_ fields: DateTimeText.Fields) -> Int64 {
    func isLeap(_ year: Int) -> Bool { year % 4 == 0 && year % 100 != 0 || year % 400 == 0 }
    let years = fields.year < 1970 ? fields.year..<1970 : 1970..<fields.year
    let days = years.reduce(0) { $0 + (isLeap($1) ? 366 : 365) } * (fields.year < 1970 ? -1 : 1)
    let months = [31, isLeap(fields.year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    return Int64(days + months.prefix(fields.month - 1).reduce(0, +) + fields.day - 1)
}
