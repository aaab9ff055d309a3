import RedstreamConnection

/// Commands about keys that may be on several nodes of a cluster; each stands for itself.
struct KeyedPipeline {
    fileprivate var commands: [(key: RedisKey, words: [any RedisArgument])] = []

    /// The number of commands.
    var count: Int { commands.count }

    /// Appends a command.
    ///
    /// - Parameters:
    ///   - words: Its name, and its arguments.
    ///   - key: The key that it is about.
    mutating func append(_ words: any RedisArgument..., about key: RedisKey) {
        commands.append((key, words))
    }
}

extension StreamClient {
    /// Sends commands in one pipeline, and in a cluster in one for each node.
    ///
    /// - Returns: The replies, in the order of the commands; those that are errors too.
    /// - Throws: `RedisError`.
    func replies(to pipeline: KeyedPipeline) async throws -> [RedisReply] {
        var replies = [RedisReply?](repeating: nil, count: pipeline.count)
        for places in try await placesByNode(pipeline) {
            var commands = RedisPipeline()
            for place in places { commands.append(pipeline.commands[place].words) }
            let sent = commands
            let answers = try await pool.withConnection(for: pipeline.commands[places[0]].key) {
                try await $0.execute(sent)
            }
            for (place, answer) in zip(places, answers) { replies[place] = answer }
        }
        return replies.compactMap(\.self)
    }

    /// Returns the positions of the commands of each node, in order.
    private func placesByNode(_ pipeline: KeyedPipeline) async throws -> [[Int]] {
        guard pool.cluster != nil else { return pipeline.count == 0 ? [] : [Array(0..<pipeline.count)] }
        var nodes: [(node: RedisConfiguration.Host?, places: [Int])] = []
        for (place, command) in pipeline.commands.enumerated() {
            let node = try await pool.node(of: command.key)
            if let known = nodes.firstIndex(where: { $0.node == node }) {
                nodes[known].places.append(place)
            } else {
                nodes.append((node, [place]))
            }
        }
        return nodes.map(\.places)
    }

    /// Runs a script several times, in one pipeline; a server that does not know it is given it.
    ///
    /// - Parameters:
    ///   - script: The script.
    ///   - calls: The keys of each call, the first of which says where it is to run, and its ARGV.
    /// - Returns: The replies, in the order of the calls; those that are errors too.
    /// - Throws: `RedisError`.
    func replies(
        to script: RedisScript, _ calls: [(keys: [RedisKey], arguments: [any RedisArgument])]
    ) async throws -> [RedisReply] {
        func send(_ places: [Int], _ words: [any RedisArgument]) async throws -> [RedisReply] {
            var pipeline = KeyedPipeline()
            for place in places {
                let (keys, arguments) = calls[place]
                pipeline.commands.append((keys[0], words + [keys.count] + keys + arguments))
            }
            return try await replies(to: pipeline)
        }
        var answers = try await send(Array(calls.indices), ["EVALSHA", script.digest])
        // Each round teaches one node the script. One that a slot is on its way to may be asked before it is taught.
        var words: [any RedisArgument] = ["EVALSHA", script.digest]
        while true {
            let missing = answers.indices.filter { answers[$0].error?.serverCode == .noScript }
            guard let first = missing.first else { return answers }
            try await pool.withConnection(for: calls[first].keys[0]) { try await $0.load([script]) }
            for (place, reply) in zip(missing, try await send(missing, words)) { answers[place] = reply }
            if answers[first].error?.serverCode == .noScript { words = ["EVAL", script.source] }
        }
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
