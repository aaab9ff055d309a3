import RedstreamConnection

/// The index of streams and consumers that is kept on the server, so that names need no scan.
///
/// It is a hint: what it names is looked at by its key before it is taken for true.
struct StreamIndex: Sendable {
    /// The state of the index at one time.
    struct State: Sendable {
        /// The server's time in milliseconds.
        var now: UInt64
        /// The run ids of the servers that have the keys.
        var servers: Set<String>
        /// The last scan; nil where none was made.
        var record: ScanRecord?
        /// The names of streams, of which some may be gone.
        var streams: Set<ExactText>

        /// True if the servers that have the keys now were scanned.
        var isKnown: Bool { record.map { servers.isSubset(of: $0.servers) } ?? false }

        /// Returns whether names have to be scanned for.
        func isOutdated(for use: DirectoryUse) -> Bool {
            record?.isOutdated(for: use, now: now, present: servers) ?? true
        }
    }

    let client: StreamClient
    private var keys: Keyspace { client.keys }

    /// Reads what the index is; nil where the user may not.
    ///
    /// - Throws: `RedisError`.
    func state() async throws -> State? {
        let infos = try await client.pool.withEachPrimary { try await $0.execute(RedisPipeline("INFO", "server"))[0] }
        let servers = infos.compactMap { RedisInfo($0)["run_id"] }
        let replies = try await client.replies(to: [
            KeyCommand("HGETALL", keys.scanRecord), KeyCommand("ZRANGE", keys.streamNames, 0, -1),
        ])
        guard servers.count == infos.count, !replies.contains(where: { $0.kind == .error }) else { return nil }
        return State(
            now: try await client.serverTime(), servers: Set(servers), record: ScanRecord(replies[0]),
            streams: Self.names(replies[1].elements))
    }

    /// Reads the streams with some names and their consumers; nil where the user may not.
    ///
    /// Each is looked at by its key: TYPE and ZRANGE for each stream, TYPE for each offset, lock and dead-letter stream.
    ///
    /// - Throws: `RedisError`.
    func directory(of streams: Set<ExactText>) async throws -> StreamDirectory? {
        let names = Array(streams)
        let replies = try await client.replies(
            to: names.flatMap { name in
                [
                    KeyCommand("ZRANGE", keys.consumers(of: name.text), 0, -1, "WITHSCORES"),
                    KeyCommand("TYPE", keys.stream(name.text)), KeyCommand("TYPE", keys.delayStream(name.text)),
                ]
            })
        guard !replies.contains(where: { $0.kind == .error }) else { return nil }
        var streams = Set<ExactText>()
        var consumers: [(name: ConsumerName, isKnown: Bool)] = []
        for (place, name) in names.enumerated() {
            let own = replies[3 * place..<3 * place + 3]
            if own[3 * place + 1].string == "stream" { streams.insert(name) }
            if own[3 * place + 2].string == "stream" {
                streams.insert(ExactText(Keyspace.delayStreamName(of: name.text)))
            }
            let members = own[3 * place].elements
            for at in stride(from: 0, to: members.count - 1, by: 2) {
                let consumer = ConsumerName(stream: name.text, name: Self.name(members[at]))
                consumers.append((consumer, members[at + 1].string != "0"))
            }
        }
        consumers += streams.compactMap { $0.text.removing(suffix: ".delay") }.map { (.delayer(of: $0), true) }
        return try await directory(of: streams, consumers)
    }

    /// Keeps those of the consumers that have an offset or a lock, and finds their dead letters.
    private func directory(
        of streams: Set<ExactText>, _ consumers: [(name: ConsumerName, isKnown: Bool)]
    ) async throws -> StreamDirectory? {
        let types = try await client.types(
            of: consumers.flatMap { [keys.offset($0.name), keys.lock($0.name).key, keys.deadLetters($0.name)] })
        guard let types else { return nil }
        var (streams, known, positions) = (streams, Set<ConsumerName>(), Set<ExactText>())
        for (place, consumer) in consumers.enumerated() {
            let own = types[3 * place..<3 * place + 3]
            if own.last == "stream" { streams.insert(ExactText(keys.deadLetterStreamName(of: consumer.name))) }
            guard own.dropLast().contains("string") else { continue }
            if consumer.isKnown {
                known.insert(consumer.name)
            } else {
                positions.insert(ExactText("\(consumer.name.stream):\(consumer.name.name)"))
            }
        }
        return StreamDirectory(streams: streams, positions: positions, known: known)
    }

    /// Takes over what a scan has found.
    ///
    /// A name is removed only if it was noted before the scan began, and its keys do not exist in the step that removes it.
    ///
    /// - Parameters:
    ///   - found: The names whose keys have the right type.
    ///   - record: What is to be known of the scan.
    ///   - state: What the index was before.
    /// - Returns: All names of streams.
    /// - Throws: `RedisError`, also where the user may not write, or the server takes no writes.
    func merge(_ found: FoundNames, _ record: ScanRecord, into state: State) async throws -> Set<ExactText> {
        var consumers: [ExactText: Set<ExactText>] = [:]
        for position in found.positions {
            // A cluster keeps the keys of some streams apart; nobody consumes those, and no step can look at them.
            for split in StreamDirectory.splits(of: position.text, among: found.streams)
            where (try? client.requireOneSlot(of: split.stream)) != nil {
                consumers[ExactText(split.stream), default: []].insert(ExactText(split.name))
            }
        }
        let registries = Array(found.registries)
        let members = try await client.replies(
            to: registries.map { KeyCommand("ZRANGE", keys.consumers(of: $0.text), 0, -1) })
        for (stream, reply) in zip(registries, members) {
            consumers[stream, default: []].formUnion(Self.names(try reply.get().elements))
        }
        let merges = consumers.map { stream, names in
            KeyCommand(
                DirectoryScripts.mergeConsumers,
                keys: [keys.consumers(of: stream.text)]
                    + names.flatMap { name in
                        let consumer = ConsumerName(stream: stream.text, name: name.text)
                        return [keys.offset(consumer), keys.lock(consumer).key]
                    },
                arguments: [String(record.began)] + names.map { Self.bytes(of: $0) })
        }
        for reply in try await client.replies(to: merges, loading: DirectoryScripts.mergeConsumers) { try reply.get() }
        let streams = found.streams.union(consumers.keys)
        try await write(streams, removing: state.streams.subtracting(streams), record)
        return streams.union(state.streams)
    }

    private func write(
        _ streams: Set<ExactText>, removing others: Set<ExactText>, _ record: ScanRecord
    ) async throws {
        // One that was written anew after its page of the scan is there.
        let doubtful = Array(others)
        let types = try await client.types(of: doubtful.map { keys.stream($0.text) }) ?? []
        let gone = zip(doubtful, types).filter { $0.1 == "none" }.map { Self.bytes(of: $0.0) }
        let began = String(record.began)
        var commands = Array(streams).chunks(of: 500).map { part in
            let members = part.flatMap { [began, Self.bytes(of: $0)] as [any RedisArgument] }
            return KeyCommand("ZADD", keys.streamNames, ["NX"] + members)
        }
        commands += gone.chunks(of: 500).map {
            KeyCommand(DirectoryScripts.removeStreams, keys: [keys.streamNames], arguments: [began] + Array($0))
        }
        commands.append(KeyCommand("HSET", keys.scanRecord, record.fields))
        for reply in try await client.replies(to: commands, loading: DirectoryScripts.removeStreams) { try reply.get() }
    }

    private static func names(_ members: [RedisReply]) -> Set<ExactText> { Set(members.map { ExactText(name($0)) }) }

    private static func name(_ member: RedisReply) -> String { NameText.text(ofBytes: member.bytes ?? []) }

    private static func bytes(of name: ExactText) -> RedisKey { RedisKey(bytes: NameText.bytes(of: name.text)) }
}

extension StreamClient {
    /// Returns the types of some keys, by TYPE; nil where the user may not ask.
    func types(of keys: [RedisKey]) async throws -> [String]? {
        let replies = try await replies(to: keys.map { KeyCommand("TYPE", $0) })
        guard let denial = replies.first(where: { $0.kind == .error }) else { return replies.map { $0.string ?? "" } }
        if denial.error?.serverCode != .noPermission { try denial.get() }
        return nil
    }
}

extension Array {
    /// The elements in order, in parts of a length at most.
    fileprivate func chunks(of length: Int) -> [ArraySlice<Element>] {
        stride(from: 0, to: count, by: length).map { self[$0..<Swift.min($0 + length, count)] }
    }
}
