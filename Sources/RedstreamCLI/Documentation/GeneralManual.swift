/// The text of redstream(1) beyond the grammar.
enum GeneralManual {
    static let description = """
        A database is the truth, and an index, a cache or another database has to follow it. Before the database
        commits a change, a delay message goes to a stream; after it, an immediate one. A consumer reads what changed
        from the database again, and updates the index. If the immediate message is missing, since its sender died,
        the delay message repairs the index some minutes later.

        Data goes to standard output, everything else to standard error.
        """

    static let sections: [(title: String, text: String)] = [
        (
            "DURATIONS AND POINTS IN TIME",
            """
            A duration carries a unit: 500ms, 30s, 5m, 1h30m, 1d, 1w, or PT5M as in ISO 8601.

            A point in time is ISO 8601 (2026-11-23T10:00:00Z; local time if it names no zone), an entry id, or a
            duration ago. Both ends of a range are included. As the target of a seek, an entry id is the offset itself:
            that entry counts as read.
            """
        ),
        (
            "NAMES",
            """
            Names of streams and consumers, and namespaces, may be any bytes. A byte that is not part of UTF-8 is shown as
            \\xHH, with two hexadecimal digits, and so are control characters, and characters at an end that nobody could
            see. What is shown is taken back: --stream 'caf\\xe9'. A backslash that would begin such an escape is \\x5c.
            A name that ends with such a character as it stands, a no-break space or a carriage return for example, is
            refused: it was probably copied along. Arguments that are not UTF-8 are refused.
            """
        ),
        (
            "STOPPING",
            """
            At the first SIGINT, SIGTERM or SIGHUP the current batch is finished and committed, and the lock released.
            A batch that is not finished within --grace is killed, and nothing of it is committed. A second signal does
            the same at once. Connecting, and waiting for a server, end at the first signal. Signals that arrive within
            half a second of each other count as one: timeout(1) and scripts often send two. Services exit with 0, one-shot commands that were cut short exit with 130 for SIGINT and 143 for
            SIGTERM and SIGHUP.

            The command of --exec runs in a process group of its own. It does not get these signals, so that it can
            finish. The commands of --around and sandbox get Ctrl-C from the terminal, and SIGTERM and SIGHUP from
            redstream.

            Lines on standard error that nobody reads are dropped rather than waited for, and their number is told; so
            are the reports of the services trim and delay. As process 1 of a container, redstream reaps the orphans of
            its commands.

            A signal that the parent process ignored stays ignored, as nohup(1) does with SIGHUP. SIGTSTP (Ctrl-Z) and
            SIGSTOP stop the process without a word: its lease runs out after 5 seconds, and a standby takes over.
            """
        ),
        (
            "A CLUSTER",
            """
            With redis+cluster://host,… every command goes to the primary that serves its key, and follows the key. All
            keys of a stream have to share a slot: its name has a part in braces, as {products}, or the namespace has, as
            {shop}. Another name is refused. Nothing is read from a replica.
            """
        ),
        (
            "SERVER FAILURES",
            """
            While the server cannot be reached, is loading, is a replica, is out of memory or cannot write its disk,
            what runs until it is stopped says so once, with a hint, tries again for as long as it takes, and says when
            that is over. Finite commands try for --retry-for, and exit with 69, or with 1 for a server that is out of
            memory or cannot write its disk. Other errors of the server end a command at once. Where the server closes
            connections on large replies (client-output-buffer-limit), entries are read in smaller parts.
            """
        ),
    ]

    static let examples = [
        "# Announce that a record has changed.",
        "redstream produce --stream products '{\"id\": 1}'",
        "# Handle the changes with a command.",
        "redstream consume --stream products --name indexer --exec ./reindex",
        "# Move delay messages that are five minutes old.",
        "redstream delay --stream products --delay 5m",
        "# Keep a day of every stream.",
        "redstream trim --expiry 1d",
        "# Show where every consumer stands.",
        "redstream inspect-offsets",
    ]
}
