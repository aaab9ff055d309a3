import Redstream
import RedstreamConnection

/// The manual page of the wire contract; the names of keys come from the code that uses them.
enum ProtocolManual {
    static var page: String {
        var page = ManualText("redstream-protocol", section: 7)
        page.section("NAME")
        page.macro(".Nm redstream-protocol")
        page.macro(".Nd keys, values and locks of redstream in Redis")
        page.section("DESCRIPTION")
        page.text(
            """
            These are the keys, values and lock protocol of the Ruby gem redstream, version 0.6.1. Processes in Ruby
            and in Swift may share one Redis. In the names of keys,
            """)
        page.macro(".Ar base")
        page.text("is \"\(Keyspace().base)\", or \"\(Keyspace(namespace: "<namespace>").base)\" with a namespace.")
        page.section("KEYS")
        page.list(shared.map { (ManualText.escaped($0.key, isLiteral: true), $0.value) })
        page.macro(".Pp")
        page.text("The following are not known to the gem, and everything works without them.")
        page.list(ours.map { (ManualText.escaped($0.key, isLiteral: true), $0.value) })
        for (title, text) in sections {
            page.section(title)
            page.text(text)
        }
        page.section("ACCESS RULES")
        page.text(
            """
            A user of the server needs these rights for a task, and no others. The words are those of ACL SETUSER, on
            Redis 6.2 and newer and Valkey; no channels are used.
            """)
        page.list(AccessRules.table.map { (ManualText.escaped($0.task), Self.text($0)) })
        page.macro(".Pp")
        page.text(accessNotes)
        page.section("SEE ALSO")
        page.macro(".Xr redstream 1")
        return page.source
    }

    /// Returns the needs of a task, in sentences.
    private static func text(_ rules: AccessRules) -> String {
        let additions = rules.generalAdditions.map { "\n\($0.occasion) \($0.words.joined(separator: " "))" }
        return rules.generalWords.joined(separator: " ") + additions.map { ";\($0)" }.joined()
    }

    private static let accessNotes = """
        A database other than 0 needs +select, redis+cluster:// needs +cluster|slots and, while slots move, +asking, and
        redis+sentinel:// needs +role. The sentinels' own user, who has the same name and password, needs
        +sentinel|master.

        Not needed, but put to use where allowed: +client|setname names connections for CLIENT LIST; +info checks the
        server's age, warns of a maxmemory-policy that evicts, and finds the primary of a replica for a hint;
        +memory|usage tells inspect-offsets what a stream takes; +scan finds what was probably meant by a name that does not
        exist; +xinfo|stream lets produce say that a stream is new; ~<base>:consumers:* ~<base>:streams ~<base>:directory
        ~<base>:lock:{directory}* +hgetall +hset +info +type +zadd +zrange +zrem +zscore keep the names of streams and consumers,
        which spares scans of the whole database; trim needs ~<base>:lock:consumer:*:* for that too.
        """

    private static let keys = Keyspace()
    private static let consumer = ConsumerName(stream: "<stream>", name: "<consumer>")

    /// A key with `<base>` in place of what a namespace makes of it.
    private static func general(_ key: RedisKey) -> String { "<base>:" + (key.name(after: keys.prefix) ?? "") }

    private static let shared: [(key: String, value: String)] = [
        (general(keys.stream("<stream>")), "Stream. An entry has one field, payload, a JSON text."),
        (general(keys.delayStream("<stream>")), "Stream. Delay messages, which look the same."),
        (
            general(keys.offset(consumer)),
            "String. The id of the last entry that the consumer has committed. Absent or 0-0: nothing was read."
        ),
        (general(keys.lock(consumer).key), "String. The holder, expiring after 5 s. It is compared for equality only."),
        (
            general(keys.lock(.delayer(of: "<stream>")).key),
            "String. The lock of the delayer, and likewise its offset: those of a consumer of the delay stream."
        ),
        (general(keys.trimmerLock("<stream>").key), "String. The lock of the trimmer, as that of a consumer."),
        (
            "<lock>" + (keys.lock(consumer).notifyKey.name(after: keys.lock(consumer).key) ?? ""),
            "List. On release it is deleted, then one 1 is pushed. A standby waits for it with BRPOP."
        ),
    ]

    private static let ours: [(key: String, value: String)] = [
        (general(keys.delay("<stream>")), "String. The delay in force, in milliseconds, left by the delayer."),
        (general(keys.trimMark("<stream>")), "String. The last id that a trim removed, written in the same step."),
        (
            general(keys.attempts(consumer)),
            """
            Hash. How often entries were tried that are not committed: a field is an entry's id, its value the attempts \
            begun at this entry and those before it, up to the field before. The field alone names the entry that was \
            tried by itself at last.
            """
        ),
        (
            general(keys.deadLetters(consumer)),
            "Stream. Entries that the consumer gave up on, after seven fields that tell why."
        ),
        (general(keys.replays(consumer)), "Hash. The ids of entries that were replayed, and how often."),
        (
            general(keys.consumers(of: "<stream>")),
            """
            Sorted set. The names of the stream's consumers, scored by the time of their last session in milliseconds; 0 \
            for one that a scan has found. Written in the step that writes an offset at the start of a session, and by \
            seek; removed by forget, and by a scan if neither offset nor lock exists.
            """
        ),
        (
            general(keys.streamNames),
            "Sorted set. The names of streams, scored by the time at which they were noted; some may be gone."
        ),
        (
            general(keys.scanRecord),
            "Hash. The last scan for names: began (milliseconds), cost-us, pages (thousands of keys), servers (run ids)."
        ),
        (general(keys.scanLock.key), "String. The lock of the service that scans for all, as that of a consumer."),
    ]

    private static let sections: [(title: String, text: String)] = [
        (
            "ENTRIES",
            """
            An entry may have any fields, in any order, with repeated names; names and values are bytes. All are read,
            shown and carried along. What is produced from text is JSON as in RFC 8259: UTF-8, no byte order mark, no
            lone surrogates, nested 100 deep at most. The payload of a record is {"id": <primary key>}.

            Entry ids are pairs of 64-bit numbers and are compared as such: 1000-9 is before 1000-10.
            """
        ),
        (
            "LOCKS",
            """
            A lock is taken by setting its key to the holder, with 5 s to live, where it is absent. Our holder is
            <random hex>@<host>:<pid>. It is renewed each third of that time, only where it is still the holder's own.
            On release, in one step, key and notify list are deleted and 1 is pushed to the list, which then lives for
            a minute. A standby waits with BRPOP for the rest of the lock's life, since a lock that expires wakes
            nobody.

            Each change under a lock compares the holder in the same step on the server: commit, move, trim, seek,
            forget, counting attempts and putting an entry aside. A process that takes a lock again that it has lost
            has another value then.
            """
        ),
        (
            "OFFSETS",
            """
            A consumer without an offset writes one before it first reads. A commit never moves it backwards. A
            stream's name may hold colons; which part of an offset's key is the stream is decided by the streams that
            exist.
            """
        ),
        (
            "NAMES",
            """
            Names of streams and consumers are found by SCAN of <base>:*, or read from the four keys above where a scan was
            made on a server with the same run id. A database of up to 10,000 keys is scanned each time; a larger one when the
            last scan is 100 times as long ago as it took, an hour at most. A trim of what all consumers have
            committed compares the set of the stream's consumers in the step that removes: no consumer of ours is missed.
            One of the gem, or of a user who may not write the set, is known from the next scan on. A name without offset and
            lock is removed by the next trim. The four keys never expire. After FLUSHALL, an eviction, a restore or a failover each session, and the
            first scan, write the names again.
            """
        ),
        (
            "DEAD LETTERS",
            """
            An entry of a dead-letter stream begins with the fields redstream-dead-stream, -id, -consumer, -reason,
            -time (milliseconds since 1970), -attempts and -replays, always these and in this order; the fields of the
            entry follow as they were. It is written in one step with the commit. A replay appends the entry's own
            fields to the stream and deletes the letter, in one step.
            """
        ),
        (
            "DELAY STREAMS",
            """
            What is in a delay stream has not been moved. A delayer starts at its first entry, whatever the offset
            says. It appends an entry to the stream and removes it from the delay stream in one step, once the
            milliseconds of its id, plus the delay, are past by the server's clock. The entry gets a new id.
            """
        ),
        (
            "SHARDS",
            """
            The shards of a stream are the streams <stream>-0, <stream>-1 and so on. A record stands in the one whose
            number is the first four hex digits of the SHA-1 of its id's text, as a number, modulo the count. A shard is
            a stream like any other, with offsets, locks and a delay stream of its own.
            """
        ),
        (
            "CONNECTIONS",
            """
            Connections name themselves by role, stream and consumer; CLIENT LIST shows the names. Redis 6.2 and newer
            and Valkey are spoken to, in RESP2.
            """
        ),
    ]
}
