import RedstreamConnection

/// The changes of the directory as atomic steps.
enum DirectoryScripts {
    /// Registers those of some consumers of a stream that exist, and removes the others from the set.
    ///
    /// KEYS: the set of consumers, then an offset and a lock for each. ARGV: the server's time at which the scan began, then
    /// the names. One that was registered since the scan began stays: a scan knows nothing of it.
    static let mergeConsumers = RedisScript(
        """
        local function exists(key) return redis.call('TYPE', key).ok == 'string' end
        for i = 2, #ARGV do
            if exists(KEYS[2 * i - 2]) or exists(KEYS[2 * i - 1]) then
                redis.call('ZADD', KEYS[1], 'NX', 0, ARGV[i])
            else
                local score = redis.call('ZSCORE', KEYS[1], ARGV[i])
                if score and tonumber(score) < tonumber(ARGV[1]) then redis.call('ZREM', KEYS[1], ARGV[i]) end
            end
        end
        return 1
        """)

    /// Removes names of streams that were registered before a scan began.
    ///
    /// KEYS: the set of names, then the streams, which must not exist; those may be left out. ARGV: the server's time at which the
    /// scan began, then the names.
    static let removeStreams = RedisScript(
        """
        for i = 2, #ARGV do
            local score = redis.call('ZSCORE', KEYS[1], ARGV[i])
            local isGone = not KEYS[i] or redis.call('TYPE', KEYS[i]).ok == 'none'
            if isGone and score and tonumber(score) < tonumber(ARGV[1]) then redis.call('ZREM', KEYS[1], ARGV[i]) end
        end
        return 1
        """)
}
