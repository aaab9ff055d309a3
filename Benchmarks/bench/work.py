"""What is measured: each work runs once for either side in every round, and makes rows of all rounds."""

import collections
import json
import os
import signal
import subprocess
import tempfile
import time

from bench.server import Failure
from bench.table import MISSING, Row, milliseconds, rate, row
from bench.tools import PATIENCE, stopping, text_of

STREAM = "redstream:stream:bench"
OFFSET = "redstream:offset:bench:b"
DELAYED = STREAM + ".delay"
DELAYER_LOCK = "redstream:lock:consumer:bench.delay:delayer"
DELAYER_OFFSET = "redstream:offset:bench.delay:delayer"
SIDES = ("limit", "redstream")


class Work:
    """Collects samples by the name of a figure and the side."""

    sides = SIDES
    quiet = False  # where a line for each round would only be noise

    def __init__(self, tools, options):
        self.tools = tools
        self.server = tools.server
        self.options = options
        self.entries = options.entries
        self.samples = collections.defaultdict(lambda: collections.defaultdict(list))

    rounds = property(lambda self: self.options.rounds)

    def note(self, side, **figures):
        for name, value in figures.items():
            self.samples[name][side].append(value)
        return ", ".join(f"{name} {value:.3f}" for name, value in figures.items())

    def expect(self, what, found, expected):
        if found != expected:
            raise Failure(f"{what}: {found} instead of {expected}")

    def per_second(self, measured):
        return self.entries / (measured["wall_ms"] / 1e3)


class Produce(Work):
    def run(self, side):
        self.server.empty()
        command = {"limit": self.tools.of_client("produce", STREAM, self.options.input),
                   "redstream": self.tools.of_redstream("produce", "--stream", "bench", "--file", self.options.input)}
        measured = self.tools.measure(command[side])
        self.expect("entries produced", self.server.ask("XLEN", STREAM), self.entries)
        return self.note(side, rate=self.per_second(measured))

    def rows(self):
        yield row("produce from a file", self.samples["rate"], rate, "≥ 1.0")


class Consume(Work):
    filled = False

    def run(self, side):
        if not self.filled:
            self.server.empty()
            self.tools.fill(STREAM, self.options.input)
            self.filled = True
        self.server.ask("DEL", OFFSET)
        command = {"limit": self.tools.of_client("consume", STREAM, OFFSET),
                   "redstream": self.tools.of_redstream("consume", "--stream", "bench", "--name", "b",
                                                        "--exit-at-end", "-o", "json")}
        measured = self.tools.measure(command[side])
        self.expect("committed", self.server.ask("GET", OFFSET), self.server.last_id(STREAM))
        return self.note(side, rate=self.per_second(measured))

    def rows(self):
        yield row("consume to JSON lines, committing", self.samples["rate"], rate, "≥ 1.0")


class Delay(Work):
    def run(self, side):
        self.server.empty()
        self.tools.fill(DELAYED, self.options.input)
        time.sleep(0.01)
        command = {"limit": self.tools.of_client("delay", STREAM, DELAYED, DELAYER_LOCK, DELAYER_OFFSET, 1),
                   "redstream": self.tools.of_redstream("delay", "--stream", "bench", "--delay", "1ms", "--once")}
        measured = self.tools.measure(command[side])
        self.expect("entries moved", self.server.ask("XLEN", STREAM), self.entries)
        self.expect("entries left behind", self.server.ask("XLEN", DELAYED), 0)
        return self.note(side, rate=self.per_second(measured))

    def rows(self):
        yield row("delay: move due entries", self.samples["rate"], rate, "≥ 1.0")


class Trim(Work):
    """The server's own time is what counts: removing is all its work, and a whole command is mostly start-up."""

    def run(self, side):
        self.server.empty()
        self.tools.fill(STREAM, self.options.input)
        self.server.ask("SET", OFFSET, self.server.last_id(STREAM))
        command = {"limit": self.tools.of_client("trim", STREAM, OFFSET),
                   "redstream": self.tools.of_redstream("trim", "--stream", "bench", "--consumers", "b", "--once")}
        self.server.ask("CONFIG", "SET", "slowlog-max-len", "100000")
        self.server.ask("SLOWLOG", "RESET")
        self.server.ask("CONFIG", "SET", "slowlog-log-slower-than", "0")
        try:
            measured, pause = self._watched(command[side])
        finally:
            self.server.ask("CONFIG", "SET", "slowlog-log-slower-than", "-1")
        spent = [microseconds / 1e3 for _, _, microseconds, words, *_ in self.server.ask("SLOWLOG", "GET", "100000")
                 if words[0].upper() not in ("PING", "CONFIG", "SLOWLOG")]
        self.expect("entries left behind", self.server.ask("XLEN", STREAM), 0)
        return self.note(side, server=sum(spent), longest=max(spent), pause=pause, wall=measured["wall_ms"])

    def _watched(self, command):
        watcher = self.tools.start(self.tools.of_client("pause"), core=self.tools.third_core, stdout=subprocess.PIPE, text=True)
        with stopping(watcher):
            self.expect("the watcher", watcher.stdout.readline().strip(), "watching")
            measured = self.tools.measure(command)
            time.sleep(0.02)
            watcher.send_signal(signal.SIGTERM)
            return measured, json.loads(watcher.communicate(timeout=30)[0])["max"]

    def rows(self):
        yield row("trim committed entries: server's time", self.samples["server"], milliseconds, "≥ 0.5", inverse=True)
        yield row("trim: longest server pause (ping)", self.samples["pause"], milliseconds, "≤ 5 ms")
        yield row("trim: longest single command", self.samples["longest"], milliseconds, MISSING)
        yield row("trim: whole command", self.samples["wall"], milliseconds, MISSING)


class Latency(Work):
    def run(self, side):
        self.server.empty()
        arguments = ("redstream:stream:lat", self.options.samples, self.options.per_second)
        if side == "limit":
            return self._note(side, self._read(self.tools.of_client("latency", *arguments)))
        command = self.tools.of_redstream("consume", "--stream", "lat", "--name", "l", "--from", "latest", "-o", "json")
        with tempfile.TemporaryFile() as errors:
            consumer = self.tools.start(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors)
            try:
                with stopping(consumer, signal.SIGTERM):
                    figures = self._read(self.tools.of_client("latency-pipe", *arguments), consumer.stdout)
                    consumer.stdout.close()
            except Failure as failure:
                raise Failure(f"{failure}; redstream consume: {text_of(errors)}") from None
        return self._note(side, figures)

    def _read(self, command, stdin=subprocess.DEVNULL):
        process = self.tools.start(command, stdin=stdin, stdout=subprocess.PIPE, text=True)
        with stopping(process):
            output = process.communicate(timeout=PATIENCE)[0]
        if process.returncode != 0:
            raise Failure(f"measuring latency ended with {process.returncode}")
        return json.loads(output)

    def _note(self, side, figures):
        return self.note(side, **{name: figures[name] for name in ("p50", "p99", "max", "round_trips")})

    def rows(self):
        yield row("produced to handled: p50", self.samples["p50"], milliseconds, MISSING)
        yield row("produced to handled: p99", self.samples["p99"], milliseconds, "≤ 1.5")
        yield row("produced to handled: longest", self.samples["max"], milliseconds, MISSING)
        yield row("keeping up: reads by the server for a batch", self.samples["round_trips"], lambda n: f"{n:.2f}", "1")


class StartUp(Work):
    """Processes that do next to nothing, so that starting is what takes the time."""

    rounds = 30
    quiet = True
    title = "--version (redis-cli --version)"

    def commands(self):
        return {"limit": ["redis-cli", "--version"], "redstream": self.tools.of_redstream("--version")}

    def run(self, side):
        return self.note(side, wall=self.tools.measure(self.commands()[side])["wall_ms"])

    def rows(self):
        yield row(self.title, self.samples["wall"], milliseconds, "≤ 2")


class OneProduce(StartUp):
    title = "one produce (redis-cli XADD)"

    def commands(self):
        payload = '{"id": 1}'
        return {"limit": ["redis-cli", "-s", self.server.socket_path, "XADD", STREAM, "*", "payload", payload],
                "redstream": self.tools.of_redstream("produce", "--stream", "bench", payload)}


class Memory(Work):
    """The peak of ten million entries and, to see whether it is flat, of a tenth of them."""

    rounds = 1
    sides = ("redstream",)

    def run(self, side):
        whole = self.options.memory_entries
        for name, count in (("tenth", whole // 10), ("whole", whole)):
            self.server.empty()
            generator = self.tools.start([self.tools.client, "generate", str(count)], stdout=subprocess.PIPE)
            with stopping(generator):
                produced = self.tools.measure(self.tools.of_redstream("produce", "--stream", "bench"), generator.stdout)
                generator.stdout.close()
            self.expect("entries produced", self.server.ask("XLEN", STREAM), count)
            consumed = self.tools.measure(self.tools.of_redstream("consume", "--stream", "bench", "--name", "b",
                                                                  "--exit-at-end", "-o", "json"))
            self.note(side, **{f"produce_{name}": produced["peak_kib"] / 1024,
                               f"consume_{name}": consumed["peak_kib"] / 1024})
        return ", ".join(f"{name} {values[side][-1]:.1f} MiB" for name, values in self.samples.items())

    def rows(self):
        whole = self.options.memory_entries
        for name in ("produce", "consume"):
            for size, count in (("tenth", whole // 10), ("whole", whole)):
                peak = self.samples[f"{name}_{size}"]["redstream"]
                yield Row(f"memory: {name} {count / 1e6:g} M entries", f"{peak[0]:.1f} MiB" if peak else MISSING,
                          MISSING, MISSING, "≤ 40 MiB, flat")


class Streams(Work):
    """Many streams, each with a consumer's offset: one process looks at all of them, or trims them."""

    rounds = 3
    sides = ("redstream",)
    counts = (1000, 2000, 5500)
    commands = {"inspect-offsets": ("inspect-offsets",), "trim --committed": ("trim", "--committed", "--once"),
                "trim --expiry": ("trim", "--expiry", "1d", "--once")}

    def run(self, side):
        for count in self.counts:
            for name, words in self.commands.items():
                self.server.empty()
                for number in range(count):
                    for entry in ("1-1", "1-2", "1-3"):
                        self.server.ask("XADD", f"redstream:stream:s{number}", entry, "payload", "x")
                    self.server.ask("SET", f"redstream:offset:s{number}:b", "1-2")
                measured = self.tools.measure(self.tools.of_redstream(*words))
                left = {"inspect-offsets": 3, "trim --committed": 1, "trim --expiry": 0}[name]
                for number in (0, count - 1):
                    self.expect(f"entries left by {name}", self.server.ask("XLEN", f"redstream:stream:s{number}"), left)
                self.note(side, **{f"{name} {count}": measured["wall_ms"]})
        return ", ".join(f"{name} {values[side][-1]:.0f} ms" for name, values in self.samples.items())

    def rows(self):
        for name in self.commands:
            for count in self.counts:
                bound = 800 if name == "inspect-offsets" else 0.3 * count
                to_reach = MISSING if name == "inspect-offsets" and count < max(self.counts) else f"≤ {bound:.0f} ms"
                yield row(f"{count} streams: {name}", self.samples[f"{name} {count}"], milliseconds, to_reach)


WORKS = {"produce": Produce, "consume": Consume, "delay": Delay, "trim": Trim, "latency": Latency,
         "version": StartUp, "one-produce": OneProduce, "streams": Streams, "memory": Memory}
