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
        /// The most entries for one step.
        var stepLimit = 0
        var skipped: TrimReport.SkipReason?
        var heldBack: TrimReport.HeldBack?
    }

    /// Finds the streams to trim and their consumers.
    ///
    /// - Parameters:
    ///   - isRepeated: True if a service asks, again and again.
    ///   - stop: Ends a scan of that service.
    func targets(isRepeated: Bool, until stop: StopSignal? = nil) async throws -> [Target] {
        let named: [String]? = if case .named(let names) = streams { names.map(NameText.canonical) } else { nil }
        // All consumers of the streams are protected: those of the gem are known from scans alone.
        let needsAll = named == nil || policy.consumers == .found
        let use: DirectoryUse =
            !needsAll ? .namedStreams : isRepeated ? .service(scanInterval: scanInterval) : .look
        let directory = try await client.directory(for: use, of: named, until: stop)
        // An offset that may belong to the stream is treated as if it did: what is spared can be trimmed later.
        let consumers = Dictionary(grouping: directory.consumers + directory.ambiguous.values.joined()) {
            ExactText($0.stream)
        }
        return (named ?? directory.primaryStreams).map { name in
            Target(stream: name, consumers: consumers[ExactText(name)] ?? [])
        }
    }

    func bounds(of target: Target) async throws -> Bounds {
        do { try client.requireOneSlot(of: target.stream) } catch { return Bounds(now: 0, skipped: .splitKeys) }
        let now = try await client.serverTime(of: target.stream)
        guard let summary = try await client.summary(ofKey: client.keys.stream(target.stream)) else {
            return Bounds(now: now, skipped: .noStream)
        }
        let registered = policy.consumers == .found ? try await client.registeredConsumers(of: target.stream) : nil
        let protected: [ExactText]? =
            switch policy.consumers {
            case nil: nil
            case .named(let names): names.map { ExactText(NameText.canonical($0)) }
            case .found: Array((registered ?? []).union(target.consumers.map { ExactText($0.name) }))
            }
        guard protected?.isEmpty != true else { return Bounds(now: now, skipped: .noConsumers) }
        var offsets: [ExactText: StreamID] = [:]
        var stored: [ExactText: StreamID] = [:]
        for name in Set(target.consumers.map { ExactText($0.name) } + (protected ?? [])) {
            let consumer = ConsumerName(stream: target.stream, name: name.text)
            do {
                stored[name] = try await client.storedOffset(of: consumer)
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
        let names = protected?.map { ConsumerName(stream: target.stream, name: $0.text) }
        return Bounds(
            now: now, stages: bound > .zero ? stages : [], offsets: offsets, protected: names ?? [],
            protectsOthers: registered != nil,
            stepLimit: TrimStep.limit(for: summary),
            heldBack: policy.heldBack(now: now, first: summary.firstID, consumers: protected ?? [], offsets: stored))
    }
}

extension TrimReport {
    /// Adds entries that were removed in the stage that ends at `stage`: unread by every consumer before it.
    mutating func add(_ count: Int, below stage: StreamID, bounds: Trimmer.Bounds) {
        guard count > 0 else { return }
        removed += count
        for (name, offset) in bounds.offsets where (offset.successor ?? .max) < stage {
            unread[name.text, default: 0] += count
        }
    }

    mutating func setAge(now: UInt64) {
        age = lastRemoved.map { .milliseconds(now > $0.milliseconds ? Int64(now - $0.milliseconds) : 0) }
    }
}
