import Redstream

/// Decides what to say before a named consumer starts, by the offsets that it finds.
///
/// An option that does not count must not look as if it did, and a name that is new may be a mistake.
struct ConsumerStart: Sendable {
    /// The decision about a consumer's start.
    enum Decision: Sendable, Equatable {
        case start
        /// Start, and say so.
        case say(String, hint: String? = nil)
        /// Start, and say so with the name that was probably meant.
        case sayNew(String)
        case refuse(Failure)
    }

    /// The streams in words: `products`, `16 shards of products`.
    let place: String
    let name: String
    /// The option that says where to start, `--since` or `--from`; nil if none was given.
    let startOption: String?
    /// True if `--until` was given.
    let hasEnd: Bool
    /// True if the consumer of `--from committed:NAME` has committed nothing: reading starts at the first entry.
    var isOriginUnknown = false
    /// The command that moves the offset to where the option says.
    let seek: String

    /// Decides.
    ///
    /// - Parameter plans: A plan for each stream.
    /// - Returns: The decision.
    func decision(_ plans: [ReadPlan]) -> Decision {
        let plans = plans.filter(\.streamExists)
        guard !plans.isEmpty, plans.allSatisfy({ $0.offset != .unknown }) else { return .start }
        let known = plans.filter { $0.offset.id != nil }
        guard !known.isEmpty else { return .sayNew("\(place), \(name): a new consumer\(origin(plans))") }
        if let startOption { return ignored(startOption, known, of: plans.count) }
        if hasEnd, known.count == plans.count, plans.allSatisfy(\.isReadToItsEnd) {
            return .say("\(place), \(name): everything up to --until is committed already")
        }
        return .start
    }

    private func ignored(_ option: String, _ known: [ReadPlan], of count: Int) -> Decision {
        let offset = known.count == 1 ? known[0].offset.id.map { ", \($0.shownAsOffset)" } ?? "" : "s"
        let has = known.count == count ? "it has " : "on \(known.count) of them it has "
        let what = "\(place), \(name): \(has)\(known.count == 1 ? "an " : "")offset\(offset)"
        guard hasEnd else {
            return .say("\(what), and goes on from there: \(option) is ignored", hint: "\(seek) moves it")
        }
        return .refuse(
            Failure(
                .failed, "cannot consume: \(what), so \(option) does not count, and --until may leave nothing to read",
                hint: "\(seek) moves it first; then leave out \(option)"))
    }

    /// Returns from where a new consumer reads: `, from the first of 5 entries`.
    private func origin(_ plans: [ReadPlan]) -> String {
        let length = plans.reduce(0) { $0 + $1.length }
        let entries = length.counted("entry", "entries")
        switch plans[0].start {
        case .earliest: return length == 0 ? "; there are no entries yet" : ", from the first of \(entries)"
        case .latest: return ", from the end, after \(entries)"
        case .after(let id) where id.sequence == .max: return ", from \(id.seekText) on, of \(entries)"
        case .after(let id): return ", after \(id), of \(entries)"
        case .committed(let other) where isOriginUnknown:
            return ", from the first of \(entries), since \(NameText.shown(other)) has committed nothing"
        case .committed(let other): return ", from where \(NameText.shown(other)) has committed, of \(entries)"
        }
    }
}

extension ReadPlan {
    /// True if the offset leaves nothing to read before the end.
    fileprivate var isReadToItsEnd: Bool {
        guard let end = limits.end, let id = offset.id else { return false }
        return id >= end
    }
}

extension ConsumeCommand {
    /// Says where the consumer starts, if it is news.
    ///
    /// - Throws: ``Failure`` if an option would not count.
    func noteStart(_ plans: [ReadPlan], _ client: StreamClient, in context: CommandContext) async throws {
        guard let name else { return }
        let option = since != nil ? "--since" : from != nil ? "--from" : nil
        let start = ConsumerStart(
            place: ShardCheck.place([stream], shards), name: NameText.shown(name), startOption: option,
            hasEnd: until != nil,
            isOriginUnknown: !plans.contains(where: \.hasOrigin), seek: seekCommand(plans))
        switch start.decision(plans) {
        case .start: return
        case .say(let text, let hint):
            context.console.note(text)
            context.console.hint(hint)
        case .sayNew(let text):
            let advice = await NameAdvice(client).onNewConsumer(name, of: shards.streams(of: stream))
            context.console.note(text, advice: advice)
        case .refuse(let failure): throw failure
        }
    }

    /// The command that moves the offset to where the consumer was to start, as it can be pasted.
    private func seekCommand(_ plans: [ReadPlan]) -> String {
        let target =
            switch plans.first?.start {
            case .after(let id)?: id.seekText
            case .latest?: "latest"
            case .committed(let other)?: NameText.quoted("committed:\(other)")
            case .earliest?, nil: "earliest"
            }
        return connection.command("seek", stream: stream, shards: shards, name: name ?? "", to: target)
    }
}

extension StreamID {
    /// The text by which `seek --to` moves an offset here: a time, if the offset is the last id before one.
    fileprivate var seekText: String {
        guard sequence == .max, milliseconds < .max else { return description }
        let text = UniversalTime.text(milliseconds: milliseconds + 1)
        let rest = (milliseconds + 1) % 1000
        return rest == 0 ? text : text.dropLast() + ".\(rest.padded(to: 3))Z"
    }
}
