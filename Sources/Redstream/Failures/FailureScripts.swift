import RedstreamConnection

/// Attempts and dead letters as atomic steps, each fenced by the consumer's lock.
enum FailureScripts {
    /// Notes that a part of a batch is about to be handed to the handler.
    ///
    /// KEYS: lock, attempts. ARGV: holder, the part's last id, the attempts begun with this one (0 takes a first one
    /// back), the id of the entry where it is alone or ''. Answers 1, or 0 when the lock is not ours.
    static let begin = RedisScript(
        """
        if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
        if ARGV[3] == '0' then
            redis.call('HDEL', KEYS[2], ARGV[2])
        else
            redis.call('HSET', KEYS[2], ARGV[2], ARGV[3])
        end
        if ARGV[4] == '' then
            redis.call('HDEL', KEYS[2], '\(StoredAttempts.aloneField)')
        else
            redis.call('HSET', KEYS[2], '\(StoredAttempts.aloneField)', ARGV[4])
        end
        return 1
        """)

    /// Lua that looks whether the id ARGV[2] may be committed, and what commits it with its attempts forgotten.
    ///
    /// KEYS: lock, offset, attempts. The hash has a field for each half that is left of a batch: a dozen at most.
    private static let committing =
        LockScripts.idComparison + """
            if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
            local current = redis.call('GET', KEYS[2])
            if current and before(ARGV[2], current) then return 2 end
            local function commit()
                redis.call('SET', KEYS[2], ARGV[2])
                local attempts = redis.call('HGETALL', KEYS[3])
                for i = 1, #attempts, 2 do
                    local id = attempts[i]
                    if id == '\(StoredAttempts.aloneField)' then id = attempts[i + 1] end
                    if not before(ARGV[2], id) then redis.call('HDEL', KEYS[3], attempts[i]) end
                end
                return 1
            end

            """

    /// Commits as ``OffsetScripts/commit`` does, and forgets the attempts at what is committed.
    ///
    /// KEYS: lock, offset, attempts. ARGV: holder, id.
    static let commit = RedisScript(committing + "return commit()")

    /// Commits as ``OffsetScripts/commitPresent`` does, and forgets the attempts at what is committed.
    ///
    /// KEYS: lock, offset, attempts, stream. ARGV: holder, id, the id before it, then the entry's names and values.
    static let commitPresent = RedisScript(
        committing + OffsetScripts.presenceCheck(stream: 4, fields: 4) + "return commit()")

    /// Writes an entry to the dead letters and commits it, if the stream has it.
    ///
    /// KEYS: lock, offset, attempts, stream, dead letters, replays. ARGV: holder, id, the id before it, stream, consumer,
    /// reason, attempts, then the entry's names and values. What XADD refuses is not committed. An entry that is
    /// committed already has its letter: the step may come twice, when a connection broke under it. Answers as
    /// ``commitPresent``.
    static let deadLetter = RedisScript(
        committing + """
            if current == ARGV[2] then return 1 end

            """ + OffsetScripts.presenceCheck(stream: 4, fields: 8) + """
                local time = redis.call('TIME')
                local letter = {
                    '\(DeadLetter.FieldName.stream)', ARGV[4], '\(DeadLetter.FieldName.id)', ARGV[2],
                    '\(DeadLetter.FieldName.consumer)', ARGV[5], '\(DeadLetter.FieldName.reason)', ARGV[6],
                    '\(DeadLetter.FieldName.time)', string.format('%d%03d', time[1], math.floor(time[2] / 1000)),
                    '\(DeadLetter.FieldName.attempts)', ARGV[7],
                    '\(DeadLetter.FieldName.replays)', redis.call('HGET', KEYS[6], ARGV[2]) or '0',
                }
                for i = 8, #ARGV do letter[#letter + 1] = ARGV[i] end
                redis.call('XADD', KEYS[5], '*', unpack(letter))
                redis.call('HDEL', KEYS[6], ARGV[2])
                return commit()
                """)

    /// Brings a dead letter back to its stream, once: what is not there any more was brought back before.
    ///
    /// KEYS: dead letters, stream, replays. ARGV: the letter's id, how many of its names and values tell of it, the
    /// replays with this one. Answers the id of the new entry; nil where there is no such letter.
    static let replay = RedisScript(
        """
        local letter = redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[1])[1]
        if not letter then return nil end
        local fields = {}
        for i = ARGV[2] + 1, #letter[2] do fields[#fields + 1] = letter[2][i] end
        local id = redis.call('XADD', KEYS[2], '*', unpack(fields))
        redis.call('XDEL', KEYS[1], ARGV[1])
        if redis.call('XLEN', KEYS[1]) == 0 then redis.call('DEL', KEYS[1]) end
        redis.call('HSET', KEYS[3], id, ARGV[3])
        return id
        """)

    /// Removes dead letters.
    ///
    /// KEYS: dead letters. ARGV: their ids. Answers how many there were.
    static let purge = RedisScript(
        """
        local count = redis.call('XDEL', KEYS[1], unpack(ARGV))
        if redis.call('XLEN', KEYS[1]) == 0 then redis.call('DEL', KEYS[1]) end
        return count
        """)
}
