"""Looks for names, and services that do nothing, in a database that is shared with two million other keys."""

import time

from bench.server import Failure
from bench.table import MISSING, Row, milliseconds, row
from bench.tools import stopping
from bench.work import Work

OTHER_KEYS = 2_000_000
STREAMS = 10
IDLE_SECONDS = 300  # two scans at least


class Shared(Work):
    def fill_database(self):
        self.server.empty()
        script = "for i = ARGV[1] + 1, ARGV[1] + 100000 do redis.call('SET', 'cache:' .. i, i) end"
        for start in range(0, OTHER_KEYS, 100_000):
            self.server.ask("EVAL", script, 0, start)
        for number in range(STREAMS):
            self.server.ask("XADD", f"redstream:stream:s{number}", "*", "payload", "{}")
            self.server.ask("SET", f"redstream:offset:s{number}:indexer", "0-0")
        self.expect("keys", self.server.ask("DBSIZE"), OTHER_KEYS + 2 * STREAMS)


class Directory(Shared):
    """The first look scans; the next ones read the names that it has kept."""

    def run(self, side):
        self.fill_database()
        if side == "limit":
            scan = ["redis-cli", "-s", self.server.socket_path, "--scan", "--pattern", "redstream:*", "--count", "1000"]
            return self.note(side, first=self.tools.measure(scan)["wall_ms"])
        look = self.tools.of_redstream("inspect-offsets")
        walls = [self.tools.measure(command)["wall_ms"] for command in (look, look, [*look, "--stream", "s1"])]
        return self.note(side, **dict(zip(("first", "known", "named"), walls)))

    def rows(self):
        yield row("first look at 2 M other keys (redis-cli --scan)", self.samples["first"], milliseconds, "≤ 1.5 s")
        yield row("look at all streams, names known", self.samples["known"], milliseconds, "≤ 50 ms")
        yield row("look at one stream", self.samples["named"], milliseconds, "≤ 20 ms")


class Idle(Shared):
    """The part of a core that the server spends on a delayer and a trimmer without work."""

    sides = ("redstream",)

    def run(self, side):
        self.fill_database()
        commands = (("delay", "--delay", "5m"), ("trim", "--expiry", "1d", "--interval", "5s"))
        delayer, trimmer = (self.tools.start(self.tools.of_redstream(*words)) for words in commands)
        with stopping(delayer), stopping(trimmer):
            deadline = time.monotonic() + 60
            while not self.server.ask("EXISTS", "redstream:directory"):
                if time.monotonic() > deadline:
                    raise Failure("no service has scanned within a minute")
                time.sleep(0.1)
            time.sleep(2)
            before = self._busy()
            time.sleep(IDLE_SECONDS)
            busy = self._busy() - before
        return self.note(side, busy=100 * busy / IDLE_SECONDS)

    def _busy(self):
        return sum(float(self.server.info("cpu", f"used_cpu_{kind}")) for kind in ("user", "sys"))

    def rows(self):
        busy = sorted(self.samples["busy"]["redstream"])
        yield Row("idle delay and trim, 2 M other keys: server's core",
                  f"{busy[len(busy) // 2]:.2f} %" if busy else MISSING, MISSING, MISSING, "≤ 1 %")
