import Redstream
import Synchronization

/// A trim report for people and for programs.
struct TrimReportText {
    private let report: TrimReport
    private let isDryRun: Bool

    init(_ report: TrimReport, isDryRun: Bool) {
        self.report = report
        self.isDryRun = isDryRun
    }

    /// One line; a further one for each consumer that lost unread entries.
    var text: String {
        let stream = NameText.shown(report.stream)
        switch report.skipped {
        case .lockHeld(let holder): return "\(stream): skipped, held by \(TerminalText.escaped(holder))"
        case .unreadableOffset(let name):
            return "\(stream): nothing removed, the offset of \(NameText.shown(name)) is no entry id"
        case .noStream: return "\(stream): nothing removed, there is no such stream"
        case .splitKeys:
            return "\(stream): nothing removed, its keys would lie on several nodes of the cluster"
        case .noConsumers: return "\(stream): nothing removed, it has no consumers"
        case nil: break
        }
        guard let last = report.lastRemoved, report.removed > 0 else {
            return "\(stream): nothing to remove" + heldBack
        }
        let age = report.age.map { ", \($0.shortText) old" } ?? ""
        let verb = isDryRun ? "would remove" : "removed"
        let lost = unread.map { name, count in
            "\n  \(NameText.shown(name)) \(isDryRun ? "would lose" : "lost") \(count.grouped) unread"
        }
        return "\(stream): \(verb) \(report.removed.grouped) up to \(last)\(age)" + lost.joined()
    }

    /// One document.
    var json: JSONValue {
        var skipped = JSONValue.null
        var holder = JSONValue.null
        switch report.skipped {
        case .lockHeld(let by): (skipped, holder) = (.string("lock_held"), .string(by))
        case .unreadableOffset: skipped = .string("unreadable_offset")
        case .noStream: skipped = .string("no_stream")
        case .splitKeys: skipped = .string("split_keys")
        case .noConsumers: skipped = .string("no_consumers")
        case nil: break
        }
        return .object([
            ("stream", .string(report.stream)), ("dry_run", .bool(isDryRun)),
            ("removed", .integer(report.removed)),
            ("last_removed_id", .optional(report.lastRemoved)), ("age_ms", .milliseconds(report.age)),
            ("unread", .object(unread.map { ($0.key, .integer($0.value)) })), ("skipped", skipped),
            ("holder", holder), ("held_back_by", .optional(report.heldBack?.consumer)),
        ])
    }

    /// The consumer for which entries are kept: `, kept for consumer cacher, which is at 5-0`.
    private var heldBack: String {
        guard let heldBack = report.heldBack else { return "" }
        let kept = ", kept for consumer \(NameText.shown(heldBack.consumer)), which "
        return switch heldBack.offset {
        case nil: kept + "has committed nothing (it has no offset: is the name right?)"
        case StreamID.zero?: kept + "has committed nothing (redstream forget, if it is retired)"
        case let offset?: kept + "is at \(offset)"
        }
    }

    private var unread: [(key: String, value: Int)] { report.unread.sorted { $0.key < $1.key } }
}

/// Remembers which streams were passed over because of whom, and who held them back, so that it is told once.
final class HeldStreams: Sendable {
    private struct State {
        var holders: [ExactText: String] = [:]
        var laggards: [ExactText: Set<ExactText>] = [:]
    }

    private let state = Mutex(State())

    /// Returns whether a report has something to tell that was not told before: a new holder of the lock, or a consumer
    /// that keeps entries back, once for each of its states (no offset, at the start, further on).
    func isNews(_ report: TrimReport) -> Bool {
        var holder: String?
        if case .lockHeld(let by)? = report.skipped { holder = by }
        let stream = ExactText(report.stream)
        return state.withLock { state in
            defer { state.holders[stream] = holder }
            if holder != nil, state.holders[stream] != holder { return true }
            guard let laggard = report.heldBack else { return false }
            // Where several consumers take turns at being last, each is told of once.
            let progress = laggard.offset.map { $0 > .zero ? "on" : "start" } ?? "none"
            return state.laggards[stream, default: []].insert(ExactText("\(progress) \(laggard.consumer)")).inserted
        }
    }
}
