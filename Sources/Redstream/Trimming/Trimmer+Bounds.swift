import RedstreamConnection

extension Trimmer {
    /// A stream and the consumers that are known of it.
    struct Target {
        let stream: String
        let consumers: [ConsumerName]
    }

    /// Up to where a pass goes, and in which stages.
    struct Bounds {
        var now: UInt64
        /// The bound of each stage, rising.
        ///
        /// A stage ends at each consumer's offset, so that what goes beyond it is counted by the removal itself.
        var stages: [StreamID] = []
        var offsets: [ExactText: StreamID] = [:]
        /// The consumers whose offsets must have passed the bound.
        var protected: [ConsumerName] = []
        /// True if the step has to look whether there are other consumers by now.
        var protectsOthers = false
        /// The registered consumers that have no offset.
        var absent: [ConsumerName] = []
        /// The most entries for one step.
        var stepLimit = 0
        /// The nodes that the stream's entries are packed in.
        var nodeCount = 0
        var skipped: TrimReport.SkipReason?
        var heldBack: TrimReport.HeldBack?
    }

    /// True if all streams are trimmed, or if all consumers are protected: those of the gem are known from scans alone.
    var needsAllNames: Bool { streams == .all || policy.consumers == .found }

    /// Finds the streams to trim and their consumers.
    ///
    /// - Parameters:
    ///   - isRepeated: True if a service asks, again and again.
    ///   - stop: Ends a scan of that service.
    /// - Returns: The streams, each once.
    /// - Throws: `RedisError`; `CancellationError`.
    func targets(isRepeated: Bool, until stop: StopSignal? = nil) async throws -> [Target] {
        let named: [String]? = if case .named(let names) = streams { names.map(NameText.canonical) } else { nil }
        let use: DirectoryUse = !needsAllNames ? .namedStreams : isRepeated ? .service : .look
        let directory = try await client.directory(for: use, of: named, until: stop)
        // An offset that may belong to the stream is treated as if it did: what is spared can be trimmed later.
        let consumers = Dictionary(grouping: directory.consumers + directory.ambiguous.values.joined()) {
            ExactText($0.stream)
        }
        var seen = Set<ExactText>()
        return (named ?? directory.primaryStreams).map(ExactText.init).filter { seen.insert($0).inserted }.map {
            Target(stream: $0.text, consumers: consumers[$0] ?? [])
        }
    }

    /// Returns the bounds of each target, or the error of reading them.
    func bounds(of targets: [Target]) async throws -> [Result<Bounds, any Error>] {
        try await client.reading(targets, "the first or the last of the stream") { targets in
            let looks = try await looks(at: targets)
            let commands = looks.flatMap { look in
                look.names.map { KeyCommand("GET", client.keys.offset(name($0, of: look.target))) }
            }
            var offsets = try await client.replies(to: commands)[...]
            return looks.map { look in
                let own = offsets.prefix(look.names.count)
                offsets = offsets.dropFirst(look.names.count)
                return look.skipped.map { .success($0) } ?? Result { try bounds(of: look, Array(own)) }
            }
        }
    }

    /// The state of a stream, and the consumers whose offsets are to be read.
    private struct Look {
        let target: Target
        /// The bounds of a stream that is passed over, or the error of looking.
        var skipped: Bounds?
        var state: Result<(now: UInt64, summary: StreamSummary, registered: Set<ExactText>?), any Error>?
        var protected: [ExactText]?
        /// The names of all that are known, each once.
        var names: [ExactText] = []
    }

    private func name(_ name: ExactText, of target: Target) -> ConsumerName {
        ConsumerName(stream: target.stream, name: name.text)
    }

    private func looks(at targets: ArraySlice<Target>) async throws -> [Look] {
        let whole = targets.filter { (try? client.requireOneSlot(of: $0.stream)) != nil }
        let commands = whole.flatMap { target in
            let key = client.keys.stream(target.stream)
            return [
                KeyCommand(about: key, "TIME"), KeyCommand(about: key, "XINFO", "STREAM", key),
                client.registeredConsumers(of: target.stream),
            ].prefix(policy.consumers == .found ? 3 : 2)
        }
        var replies = try await client.replies(to: commands)[...]
        let isWhole = Set(whole.map { ExactText($0.stream) })
        return targets.map { target in
            guard isWhole.contains(ExactText(target.stream)) else {
                return Look(target: target, skipped: Bounds(now: 0, skipped: .splitKeys))
            }
            let own = Array(replies.prefix(policy.consumers == .found ? 3 : 2))
            replies = replies.dropFirst(own.count)
            return look(at: target, own)
        }
    }

    private func look(at target: Target, _ replies: [RedisReply]) -> Look {
        do {
            let now = try StreamClient.milliseconds(of: try replies[0].get())
            guard let summary = try StreamSummary.read(replies[1]) else {
                return Look(target: target, skipped: Bounds(now: now, skipped: .noStream))
            }
            let known = target.consumers.map { ExactText($0.name) }
            let registered = replies.count > 2 ? try StreamClient.registeredConsumers(in: replies[2]) : nil
            let protected: [ExactText]? =
                switch policy.consumers {
                case nil: nil
                case .named(let names): names.map { ExactText(NameText.canonical($0)) }
                case .found: (registered ?? []).union(known).sorted()
                }
            guard protected?.isEmpty != true else {
                return Look(target: target, skipped: Bounds(now: now, skipped: .noConsumers))
            }
            return Look(
                target: target, state: .success((now, summary, registered)), protected: protected,
                names: Set(known + (protected ?? [])).sorted())
        } catch {
            return Look(target: target, state: .failure(error))
        }
    }

    /// Returns the bounds of a stream, given the replies for the offsets of its consumers.
    private func bounds(of look: Look, _ replies: [RedisReply]) throws -> Bounds {
        guard let (now, summary, registered) = try look.state?.get() else { return Bounds(now: 0) }
        let protected = look.protected
        var offsets: [ExactText: StreamID] = [:]
        var stored: [ExactText: StreamID] = [:]
        for (name, reply) in zip(look.names, replies) {
            do {
                stored[name] = try StreamClient.offset(in: reply, of: self.name(name, of: look.target))
                offsets[name] = stored[name] ?? .zero
            } catch RedstreamError.unreadableOffset {
                // What it has read cannot be told: its entries are spared if they are to be.
                if protected?.contains(name) == true {
                    return Bounds(now: now, skipped: .unreadableOffset(of: name.text))
                }
            }
        }
        let bound = policy.firstKept(now: now, offsets: protected?.map { offsets[$0] ?? .zero })
        let reads = Set(offsets.values.filter { $0 > .zero }.compactMap(\.successor))
        let stages = reads.filter { $0 < bound }.sorted() + [bound]
        return Bounds(
            now: now, stages: bound > .zero ? stages : [], offsets: offsets,
            protected: protected?.map { self.name($0, of: look.target) } ?? [], protectsOthers: registered != nil,
            absent: (registered ?? []).filter { stored[$0] == nil }.map { self.name($0, of: look.target) },
            stepLimit: TrimStep.limit(for: summary), nodeCount: summary.nodeCount,
            heldBack: policy.heldBack(now: now, first: summary.firstID, consumers: protected ?? [], offsets: stored))
    }
}
