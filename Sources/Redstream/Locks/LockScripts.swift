import RedstreamConnection

/// The lock protocol as atomic steps: what the Ruby gem does, fenced by the holder's value.
enum LockScripts {
    /// Takes the lock where it is free or ours already.
    ///
    /// KEYS: lock. ARGV: holder, lease in ms. Answers nil when held now, else the other holder. Who has no right to
    /// renew it shall not take it, hence PEXPIRE.
    static let acquire = RedisScript(
        """
        local holder = redis.call('GET', KEYS[1])
        if holder and holder ~= ARGV[1] then return holder end
        redis.call('PEXPIRE', KEYS[1], ARGV[2])
        redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
        return nil
        """)

    /// Prolongs the lease where it is still ours: 1, else 0.
    ///
    /// KEYS: lock. ARGV: holder, lease in ms.
    static let renew = RedisScript(
        """
        if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
        return redis.call('PEXPIRE', KEYS[1], ARGV[2])
        """)

    /// Gives the lock back where it is still ours and wakes one standby: 1, else 0.
    ///
    /// KEYS: lock, notify list. ARGV: holder, life of the notification in ms.
    static let release = RedisScript(
        """
        if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
        redis.call('DEL', KEYS[1], KEYS[2])
        redis.call('RPUSH', KEYS[2], '1')
        redis.call('PEXPIRE', KEYS[2], ARGV[2])
        return 1
        """)

    /// Lua that compares ids as pairs of numbers.
    ///
    /// They do not fit Lua's floating point, but decimal digits without leading zeros compare by length first.
    static let idComparison = """
        local function parts(id)
            local ms, seq = string.match(id, '^0*(%d-)%-0*(%d-)$')
            if ms then return ms, seq end
            return string.match(id, '^0*(%d-)$') or '', ''
        end
        local function less(a, b)
            if #a ~= #b then return #a < #b end
            return a < b
        end
        local function before(left, right)
            local lms, lseq = parts(left)
            local rms, rseq = parts(right)
            if lms ~= rms then return less(lms, rms) end
            return less(lseq, rseq)
        end

        """
}

extension RedisPipeline {
    /// Appends the renewal of a lease.
    mutating func appendRenewal(of lease: Lease) {
        append(
            "EVAL", LockScripts.renew.source, 1, lease.lock.key, lease.holder, LeaseRenewer.leaseTime.milliseconds)
    }
}
