/// When an entry of a delay stream may move: a decision on plain values.
struct DelayPolicy: Sendable, Equatable {
    /// The age from which an entry is due, in milliseconds.
    let delay: UInt64

    init(delay: Duration) {
        self.delay = UInt64(max(delay.milliseconds, 0))
    }

    /// The last id that is due at a time of the server's clock; nil where nothing can be.
    func lastDueID(now: UInt64) -> StreamID? {
        guard now >= delay else { return nil }
        return StreamID(milliseconds: now - delay, sequence: .max)
    }

    /// Returns the time after `now` at which an entry is due: zero for one that is.
    func wait(for id: StreamID, now: UInt64) -> Duration {
        let (due, overflows) = id.milliseconds.addingReportingOverflow(delay)
        guard !overflows else { return .seconds(Int64.max / 1_000_000) }
        return due > now ? .milliseconds(Int64(clamping: due - now)) : .zero
    }

    /// The entries to move now: what is due, in order, as many as fit a bound of bytes, one at least.
    ///
    /// The bound lets a move end well within a lease.
    static func portion(of messages: [Message], atMostBytes limit: Int) -> ArraySlice<Message> {
        var bytes = 0
        let end = messages.firstIndex { message in
            bytes += message.byteCount
            return bytes > limit
        }
        return messages[..<max(end ?? messages.count, min(1, messages.count))]
    }
}

extension Message {
    /// The bytes of all names and values.
    var byteCount: Int {
        (0..<fieldCount).reduce(0) { sum, position in
            let field = field(at: position)
            return sum + field.name.count + field.value.count
        }
    }
}
