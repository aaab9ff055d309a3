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
        var isKnown: Bool { record?.covers(servers) ?? false }

        /// Returns the time until a service has to scan, given the time between two scans; nil where their price decides.
        func timeToScan(each interval: Duration?) -> Duration {
            guard isKnown, let record, let age = record.age(at: now) else { return .zero }
            return max(.zero, record.serviceInterval(interval) - age)
        }

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
        var look = RedisPipeline("INFO", "server")
        look.append("TIME")
        let commands = look
        let looks = try await client.pool.withEachPrimary { try await $0.execute(commands) }
        let servers = looks.compactMap { RedisInfo($0[0])["run_id"] }
        let replies = try await client.replies(to: [
            KeyCommand("HGETALL", keys.scanRecord), KeyCommand("ZRANGE", keys.streamNames, 0, -1),
        ])
        guard let first = looks.first, servers.count == looks.count, !(try replies.contains { try $0.isDenied() })
        else {
            return nil
        }
        return State(
            now: try StreamClient.milliseconds(of: first[1].get()), servers: Set(servers),
            record: ScanRecord(replies[0]), streams: Self.names(replies[1].elements))
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
        // A key of another type has no names; it is no denial.
        guard !replies.contains(where: { $0.error?.serverCode == .noPermission }) else { return nil }
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

    /// Merges the result of a scan into the index.
    ///
    /// A name is removed only if it was registered before the scan began, and its keys do not exist in the step that removes it.
    ///
    /// - Parameters:
    ///   - found: The names whose keys have the right type.
    ///   - record: What is to be known of the scan.
    ///   - state: The index as it was before.
    /// - Returns: All names of streams.
    /// - Throws: `RedisError`, also where the user may not write, or the server takes no writes.
    func merge(_ found: FoundNames, _ record: ScanRecord, into state: State) async throws -> Set<ExactText> {
        var consumers: [ExactText: Set<ExactText>] = [:]
        for position in found.positions {
            // A script cannot read keys of several slots, which a cluster makes of some streams.
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
        try await merge(
            consumers.flatMap { stream, names in names.map { ConsumerName(stream: stream.text, name: $0.text) } },
            asOf: record.began)
        let streams = found.streams.union(consumers.keys)
        try await write(streams, removing: state.streams.subtracting(streams), record)
        return streams.union(state.streams)
    }

    /// Registers those of some consumers that have an offset or a lock, and removes the others, unless they were registered since.
    ///
    /// - Parameters:
    ///   - consumers: The consumers.
    ///   - time: The server's time in milliseconds at which they were looked for.
    /// - Throws: `RedisError`, also where the user may not write.
    func merge(_ consumers: [ConsumerName], asOf time: UInt64) async throws {
        let merges = Dictionary(grouping: consumers) { ExactText($0.stream) }.values.flatMap { consumers in
            // A step over a hundred takes the server a millisecond.
            consumers.parts(of: 100).map { part in
                KeyCommand(
                    DirectoryScripts.mergeConsumers,
                    keys: [keys.consumers(of: part[0].stream)] + part.flatMap { [keys.offset($0), keys.lock($0).key] },
                    arguments: [String(time)] + part.map { RedisKey(name: $0.name) })
            }
        }
        for reply in try await client.replies(to: merges, loading: DirectoryScripts.mergeConsumers) { try reply.get() }
    }

    private func write(
        _ streams: Set<ExactText>, removing others: Set<ExactText>, _ record: ScanRecord
    ) async throws {
        let began = String(record.began)
        var commands = Array(streams).parts(of: 500).map { part in
            let members = part.flatMap { [began, RedisKey(name: $0.text)] as [any RedisArgument] }
            return KeyCommand("ZADD", keys.streamNames, ["NX"] + members)
        }
        commands += try await gone(among: Array(others)).parts(of: 100).map { part in
            // The step looks at the streams itself, where it can: one may be written anew.
            let streams = client.pool.cluster == nil ? part.map { keys.stream($0.text) } : []
            return KeyCommand(
                DirectoryScripts.removeStreams, keys: [keys.streamNames] + streams,
                arguments: [began] + part.map { RedisKey(name: $0.text) })
        }
        commands.append(KeyCommand("HSET", keys.scanRecord, record.fields))
        for reply in try await client.replies(to: commands, loading: DirectoryScripts.removeStreams) { try reply.get() }
    }

    private func gone(among names: [ExactText]) async throws -> [ExactText] {
        let types = try await client.types(of: names.map { keys.stream($0.text) }) ?? []
        return zip(names, types).filter { $0.1 == "none" }.map(\.0)
    }

    private static func names(_ members: [RedisReply]) -> Set<ExactText> { Set(members.map { ExactText(name($0)) }) }

    private static func name(_ member: RedisReply) -> String { NameText.text(ofBytes: member.bytes ?? []) }
}

extension RedisReply {
    /// Returns whether the user may not run the command.
    ///
    /// - Throws: `RedisError` for any other error.
    fileprivate func isDenied() throws(RedisError) -> Bool {
        guard let error else { return false }
        guard error.serverCode == .noPermission else { throw error }
        return true
    }
}
