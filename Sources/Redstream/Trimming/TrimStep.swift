import RedstreamConnection

/// Removes a bounded number of entries in one atomic step, fenced by the trimmer's lock and by the offsets it
/// protects, and leaves the trim mark.
enum TrimStep {
    /// The most nodes of a stream that one step removes.
    ///
    /// A node costs the server half a microsecond or so, however many entries it packs: a step of this many stays near
    /// a millisecond.
    static let nodeLimit = 2500

    /// The most entries that one step may remove from a stream.
    static func limit(for stream: StreamSummary) -> Int {
        let entriesPerNode = stream.nodeCount > 0 ? max(stream.length / stream.nodeCount, 1) : 1
        return nodeLimit * entriesPerNode
    }

    /// The result of a step.
    struct Result {
        var removed: Int
        /// The last id removed.
        var last: StreamID?
        /// True if more is left below the bound.
        var more: Bool
    }

    /// KEYS: lock, stream, trim mark, then the offsets to protect, and the set of the stream's consumers if no other one may be
    /// in it.
    ///
    /// ARGV: holder, first id to keep, limit, the id before the first to keep, then the names of the consumers whose offsets
    /// are given if no other one may be in the set. Answers the number removed, the last id removed or '', and 1 where more
    /// is left; 0 alone when the lock is not ours; -1 alone when a protected offset is below the bound by now, as after a
    /// seek; -2 alone when the set has another consumer.
    ///
    /// XTRIM with a limit removes whole nodes only, and does not say which entry was the last to go. So the first
    /// entry that it left, if it is below the bound too, is removed by itself, and is the mark.
    static let script = RedisScript(
        LockScripts.idComparison + """
            if redis.call('GET', KEYS[1]) ~= ARGV[1] then return {0} end
            local last_offset = #KEYS
            if #ARGV > 4 then
                local known = {}
                for i = 5, #ARGV do known[ARGV[i]] = true end
                for _, name in ipairs(redis.call('ZRANGE', KEYS[#KEYS], 0, -1)) do
                    if not known[name] then return {-2} end
                end
                last_offset = #KEYS - 1
            end
            for i = 4, last_offset do
                local offset = redis.call('GET', KEYS[i]) or '0-0'
                if before(offset, ARGV[4]) then return {-1} end
            end
            local function entry(command, from, to)
                local found = redis.call(command, KEYS[2], from, to, 'COUNT', 1)[1]
                return found and found[1]
            end
            local last = entry('XREVRANGE', '(' .. ARGV[2], '-')
            if not last then return {0, '', 0} end
            local removed = redis.call('XTRIM', KEYS[2], 'MINID', '~', ARGV[2], 'LIMIT', ARGV[3])
            local first = entry('XRANGE', '-', '+')
            local more = 0
            if first and before(first, ARGV[2]) then
                if removed > 0 and first ~= last then
                    more = 1
                    last = first
                    removed = removed + redis.call('XDEL', KEYS[2], first)
                else
                    removed = removed + redis.call('XTRIM', KEYS[2], 'MINID', ARGV[2])
                end
            end
            redis.call('SET', KEYS[3], last)
            return {removed, last, more}
            """)

    /// Makes the call of a step.
    ///
    /// - Parameters:
    ///   - client: The namespace.
    ///   - stream: The stream.
    ///   - lease: The trimmer's lease.
    ///   - firstKept: The bound of the stage; entries below it go.
    ///   - bounds: The consumers that must have passed it, and the most entries to remove.
    /// - Returns: The call of the script.
    static func call(
        for client: StreamClient, stream: String, lease: Lease, firstKept: StreamID, bounds: Trimmer.Bounds
    ) -> KeyCommand {
        let keys = client.keys
        var touched = [lease.lock.key, keys.stream(stream), keys.trimMark(stream)] + bounds.protected.map(keys.offset)
        var arguments: [any RedisArgument] = [
            lease.holder, firstKept.description, bounds.stepLimit, (firstKept.predecessor ?? .zero).description,
        ]
        if bounds.protectsOthers {
            touched.append(keys.consumers(of: stream))
            arguments += bounds.protected.map { RedisKey(name: $0.name) }
        }
        return KeyCommand(script, keys: touched, arguments: arguments)
    }

    /// Reads the answer of a step.
    ///
    /// - Returns: What was removed; nil where there is another consumer to protect, and nothing was removed.
    /// - Throws: ``RedstreamError/leaseLost``; `RedisError`; nothing was removed then.
    static func result(of reply: RedisReply) throws -> Result? {
        let parts = try reply.get().elements
        guard parts.count == 3, let removed = parts[0].integer else {
            switch parts.first?.integer {
            // A protected offset was moved back: what is below the bound is not committed any more.
            case -1: return Result(removed: 0, last: nil, more: false)
            case -2: return nil
            default: throw RedstreamError.leaseLost
            }
        }
        return Result(
            removed: removed, last: parts[1].string.flatMap { StreamID($0) }, more: parts[2].integer == 1)
    }
}
