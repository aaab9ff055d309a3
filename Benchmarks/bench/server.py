"""A redis-server of our own, and just enough of its protocol to ask it questions."""

import os
import shutil
import socket
import subprocess
import tempfile
import time

from bench.cores import running_on


class Failure(Exception):
    """What went wrong, in a sentence for people."""


class Server:
    def __init__(self, core):
        self.directory = tempfile.mkdtemp(prefix="redstream-bench-")
        self.socket_path = os.path.join(self.directory, "redis.sock")
        self.log_path = os.path.join(self.directory, "redis.log")
        self.process = None
        self.connection = None
        try:
            self._start(core)
        except BaseException:
            self.stop()
            raise

    def _start(self, core):
        command = ["redis-server", "--port", "0", "--unixsocket", self.socket_path, "--save", "",
                   "--appendonly", "no", "--daemonize", "no", "--dir", self.directory,
                   "--logfile", self.log_path, "--slowlog-log-slower-than", "-1"]
        with running_on(core):
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
        deadline = time.monotonic() + 10
        while True:
            try:
                self.connection = Connection(self.socket_path)
                self.ask("PING")
                return
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise Failure("redis-server did not start:\n" + self._log()) from None
                time.sleep(0.01)

    def _log(self):
        try:
            with open(self.log_path, encoding="utf-8", errors="replace") as log:
                return log.read()
        except OSError:
            return "(it left no log)"

    @property
    def url(self):
        return "unix://" + self.socket_path

    def ask(self, *words):
        return self.connection.ask(*words)

    def info(self, section, field):
        for line in self.ask("INFO", section).splitlines():
            name, _, value = line.partition(":")
            if name == field:
                return value
        raise Failure(f"the server does not tell its {field}")

    def last_id(self, stream):
        entries = self.ask("XREVRANGE", stream, "+", "-", "COUNT", "1")
        if not entries:
            raise Failure(f"{stream} is empty")
        return entries[0][0]

    def empty(self):
        self.ask("FLUSHALL", "SYNC")

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)


class Connection:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.input = self.socket.makefile("rb")

    def ask(self, *words):
        encoded = [str(word).encode() for word in words]
        self.socket.sendall(b"*%d\r\n" % len(encoded)
                            + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in encoded))
        return self._reply()

    def _reply(self):
        line = self.input.readline()
        if not line:
            raise Failure("the server closed the connection")
        kind, rest = line[:1], line[1:-2].decode()
        if kind == b"+":
            return rest
        if kind == b":":
            return int(rest)
        if kind == b"$":
            return None if rest == "-1" else self.input.read(int(rest) + 2)[:-2].decode(errors="replace")
        if kind == b"*":
            return None if rest == "-1" else [self._reply() for _ in range(int(rest))]
        raise Failure(f"the server says: {rest}")
