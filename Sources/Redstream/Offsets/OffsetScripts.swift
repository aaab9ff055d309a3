import RedstreamConnection

/// Offsets as atomic steps, each fenced by the consumer's lock.
enum OffsetScripts {
    /// Commits an id: never while the lock is another's, and never backwards.
    ///
    /// KEYS: lock, offset. ARGV: holder, id. Answers 1 when the offset is the id now, 0 when the lock is not ours,
    /// 2 when the offset is beyond the id.
    static let commit = RedisScript(committing + "return commit()")

    /// Commits the id of an entry as ``commit`` does, where that passes over nothing that the entry did not follow.
    ///
    /// KEYS: lock, offset, stream. ARGV: holder, id, the id before it, then the entry's names and values. Answers 3 where
    /// it would, and commits nothing.
    static let commitPresent = RedisScript(committing + presenceCheck(stream: 3, fields: 4) + "return commit()")

    private static let committing =
        LockScripts.idComparison + """
            if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
            local current = redis.call('GET', KEYS[2])
            if current and before(ARGV[2], current) then return 2 end
            local function commit()
                redis.call('SET', KEYS[2], ARGV[2])
                return 1
            end

            """

    /// Lua that answers 3 where a commit would pass over entries that were not before the committed one when it was read.
    ///
    /// A server that takes over from another may lack the last entries of that one, and have others in their place: an
    /// id of theirs, committed there, would pass over the others. Where the entry with the id ARGV[2], after ARGV[3], is
    /// there as it was read, all entries before it are those that were before it then, since ids only rise. Where it was
    /// trimmed meanwhile, nothing is left to pass over.
    ///
    /// - Parameters:
    ///   - stream: Which of KEYS is the stream.
    ///   - fields: From where on ARGV has the entry's names and values.
    /// - Returns: The text, to stand before what commits.
    static func presenceCheck(stream: Int, fields: Int) -> String {
        """
        local function after(id)
            local found = redis.call('XREAD', 'COUNT', 1, 'STREAMS', KEYS[\(stream)], id)
            return found and found[1] and found[1][2][1]
        end
        local function wasGivenOut()
            if redis.call('EXISTS', KEYS[\(stream)]) == 0 then return false end
            local info = redis.call('XINFO', 'STREAM', KEYS[\(stream)])
            for i = 1, #info, 2 do
                if info[i] == 'last-generated-id' then return not before(info[i + 1], ARGV[2]) end
            end
            return false
        end
        local function isPassable()
            local first = after(current and current ~= '' and current or '0-0')
            if not first or before(ARGV[2], first[1]) then return wasGivenOut() end
            local entry = after(ARGV[3])
            if not entry or entry[1] ~= ARGV[2] or #entry[2] ~= #ARGV - \(fields - 1) then return false end
            for i, part in ipairs(entry[2]) do
                if part ~= ARGV[i + \(fields - 1)] then return false end
            end
            return true
        end
        if not isPassable() then return 3 end

        """
    }

    /// Lua that registers a consumer in the set of its stream where one is given; `denial` is the error of a user who may not.
    ///
    /// - Parameters:
    ///   - key: Which of KEYS is the set.
    ///   - name: Which of ARGV is the consumer's name.
    /// - Returns: The text.
    private static func registering(key: Int, name: Int) -> String {
        """
        local denial = ''
        if KEYS[\(key)] then
            local time = redis.pcall('TIME')
            local now = time.err and 1 or time[1] * 1000 + math.floor(time[2] / 1000)
            local added = redis.pcall('ZADD', KEYS[\(key)], now, ARGV[\(name)])
            if type(added) == 'table' then denial = added.err end
        end
        """
    }

    /// Writes the offset that a consumer starts from, where it has none, and registers the consumer.
    ///
    /// KEYS: lock, offset, stream, and the set of the stream's consumers. ARGV: holder, an id or `latest`, and the consumer's
    /// name. Answers nil when the lock is not ours, else the
    /// offset in force, the last id that the stream has given out, and the error of registering the consumer or ''.
    static let initialize = RedisScript(
        """
        if redis.call('GET', KEYS[1]) ~= ARGV[1] then return nil end
        \(registering(key: 4, name: 3))
        local last = '0-0'
        if redis.call('EXISTS', KEYS[3]) == 1 then
            local info = redis.call('XINFO', 'STREAM', KEYS[3])
            for i = 1, #info, 2 do
                if info[i] == 'last-generated-id' then last = info[i + 1] end
            end
        end
        local offset = redis.call('GET', KEYS[2])
        if not offset or offset == '' then
            offset = ARGV[2]
            if offset == 'latest' then offset = last end
            redis.call('SET', KEYS[2], offset)
        end
        return {offset, last, denial}
        """)

    /// Moves an offset to anywhere, backwards too; only `seek` does that.
    ///
    /// KEYS: lock, offset, attempts, and the set of the stream's consumers. ARGV: holder, the id to move to, the id to move
    /// from or '', and the consumer's name, which is registered. Answers 1 when the offset is the
    /// id now, also if it was before: a move whose answer was lost can be made again. 0 when the lock is not ours, 2
    /// when the offset is neither of the two.
    static let move = RedisScript(
        LockScripts.idComparison + """
            if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
            local current = redis.call('GET', KEYS[2]) or ''
            local function same(id)
                return (current == '') == (id == '') and not before(current, id) and not before(id, current)
            end
            if current ~= '' and same(ARGV[2]) then return 1 end
            if not same(ARGV[3]) then return 2 end
            redis.call('SET', KEYS[2], ARGV[2])
            redis.call('DEL', KEYS[3])
            \(registering(key: 4, name: 4))
            return 1
            """)

    /// Removes all that is kept for a consumer, dead letters excepted.
    ///
    /// KEYS: lock, offset, attempts, replays, and the set of the stream's consumers. ARGV: holder, and the consumer's name.
    /// Answers 1, or 0 when the lock is not ours.
    static let forget = RedisScript(
        """
        if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
        redis.call('DEL', KEYS[2], KEYS[3], KEYS[4])
        if KEYS[5] then redis.pcall('ZREM', KEYS[5], ARGV[2]) end
        return 1
        """)
}
