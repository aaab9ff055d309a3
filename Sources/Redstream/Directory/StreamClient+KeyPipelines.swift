import RedstreamConnection

/// A command about one key, or about several of one slot.
struct KeyCommand: Sendable {
    let key: RedisKey
    let words: [any RedisArgument]
    /// The script that it calls; nil for none.
    var script: RedisScript?

    init(_ name: String, _ key: RedisKey, _ arguments: any RedisArgument...) {
        self.key = key
        words = [name, key] + arguments
    }

    init(_ name: String, _ key: RedisKey, _ arguments: [any RedisArgument]) {
        self.key = key
        words = [name, key] + arguments
    }

    /// A command whose key is not its first argument.
    init(about key: RedisKey, _ words: any RedisArgument...) {
        self.key = key
        self.words = words
    }

    /// The command as a pipeline of its own.
    var pipeline: RedisPipeline {
        var pipeline = RedisPipeline()
        pipeline.append(words)
        return pipeline
    }

    /// A call of a script.
    init(_ script: RedisScript, keys: [RedisKey], arguments: [any RedisArgument]) {
        self.script = script
        key = keys[0]
        words = ["EVALSHA", script.digest, keys.count] + keys + arguments
    }
}

extension StreamClient {
    /// Runs commands about many keys in pipelines, five hundred to a round trip, for each node of a cluster its own.
    ///
    /// - Parameters:
    ///   - commands: The commands.
    ///   - script: A script that some of them call; nil for none.
    /// - Returns: A reply to each, in order. An error that the server answered is a reply.
    /// - Throws: `RedisError` where a connection fails.
    func replies(to commands: [KeyCommand], loading script: RedisScript? = nil) async throws -> [RedisReply] {
        var places: [RedisConfiguration.Host?: [Int]] = [:]
        for (place, command) in commands.enumerated() {
            places[try await pool.node(of: command.key), default: []].append(place)
        }
        var replies = [RedisReply?](repeating: nil, count: commands.count)
        for places in places.values {
            try await pool.withConnection(for: commands[places[0]].key) { connection in
                if let script { try await connection.load([script]) }
                for part in places.parts(of: 500) {
                    var pipeline = RedisPipeline()
                    for place in part { pipeline.append(commands[place].words) }
                    for (place, reply) in zip(part, try await connection.execute(pipeline)) { replies[place] = reply }
                    // SCRIPT FLUSH, or another node that a slot has moved to: it is given the text.
                    for place in part where replies[place]?.error?.serverCode == .noScript {
                        guard let script = commands[place].script else { continue }
                        var call = RedisPipeline()
                        call.append(["EVAL", script.source] + commands[place].words.dropFirst(2))
                        let commands = call
                        replies[place] = try await connection.execute(commands)[0]
                    }
                }
            }
        }
        return replies.compactMap(\.self)
    }

    /// Returns the types of some keys, by TYPE; nil where the user may not ask.
    func types(of keys: [RedisKey]) async throws -> [String]? {
        let replies = try await replies(to: keys.map { KeyCommand("TYPE", $0) })
        guard let denial = replies.first(where: { $0.kind == .error }) else { return replies.map { $0.string ?? "" } }
        if denial.error?.serverCode != .noPermission { try denial.get() }
        return nil
    }

    /// Reads something of each of many items, a hundred or fewer at a time: fewer if the server closes the connection on
    /// large replies.
    ///
    /// - Parameters:
    ///   - items: The items.
    ///   - place: The place of the entries that are read, for the error if one of them is too large.
    ///   - read: Reads of some items; it returns a value for each.
    /// - Returns: The values, in the order of the items.
    /// - Throws: The errors of `read`.
    func reading<Item, Value>(
        _ items: [Item], _ place: String, _ read: (ArraySlice<Item>) async throws -> [Value]
    ) async throws -> [Value] {
        let sizes = ReadSizes(maximum: 100)
        var values: [Value] = []
        while values.count < items.count {
            let rest = items[values.count...]
            values += try await sizes.reading(place, loggingTo: logger) { size in
                let part = try await read(rest.prefix(size))
                return (part, part.count)
            }
        }
        return values
    }
}

extension Sequence {
    /// Cuts a sequence into parts of so many elements.
    func parts(of count: Int) -> [[Element]] { parts(upTo: count) { _ in 1 } }

    /// Cuts a sequence into parts of bounded cost; what costs more than the bound is a part of its own.
    func parts(upTo bound: Int, cost: (Element) -> Int) -> [[Element]] {
        var parts: [[Element]] = []
        var room = 0
        for element in self {
            let cost = cost(element)
            if parts.isEmpty || cost > room {
                parts.append([])
                room = bound
            }
            parts[parts.count - 1].append(element)
            room -= cost
        }
        return parts
    }
}
