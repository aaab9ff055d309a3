"""Runs the two sides of the comparison and reads what they report."""

import json
import os
import signal
import subprocess
import tempfile

from bench.cores import running_on
from bench.server import Failure

PATIENCE = 900  # seconds that one command may take


class Tools:
    def __init__(self, redstream, client, server, core, third_core):
        self.redstream = os.path.abspath(redstream)
        self.client = os.path.abspath(client)
        self.server = server
        self.core = core
        self.third_core = third_core
        self.environment = {name: value for name, value in os.environ.items()
                            if name not in ("REDIS_URL", "REDSTREAM_NAMESPACE")}
        self.environment["REDSTREAM_URL"] = server.url

    def of_redstream(self, *arguments):
        return [self.redstream, *arguments]

    def of_client(self, mode, *arguments):
        return [self.client, mode, self.server.socket_path, *map(str, arguments)]

    def start(self, command, core=None, **streams):
        """Starts a command, on the clients' core unless told otherwise, as the leader of its own group."""
        with running_on(self.core if core is None else core):
            return subprocess.Popen(command, env=self.environment, start_new_session=True, **streams)

    def measure(self, command, stdin=subprocess.DEVNULL):
        """Runs a command, its output thrown away: wall and CPU time in ms, peak memory in KiB."""
        report = os.path.join(self.server.directory, "report.json")
        with tempfile.TemporaryFile() as errors:
            process = self.start([self.client, "measure", report, *command], stdin=stdin,
                                 stdout=subprocess.DEVNULL, stderr=errors)
            with stopping(process):
                try:
                    status = process.wait(PATIENCE)
                except subprocess.TimeoutExpired:
                    raise Failure(f"{name_of(command)} took longer than {PATIENCE} s") from None
            if status != 0:
                raise Failure(f"{name_of(command)} ended with {status}: {text_of(errors)}")
        with open(report, encoding="utf-8") as file:
            return json.load(file)

    def fill(self, stream, file):
        self.measure(self.of_client("produce", stream, file))


class stopping:
    """Ends a process's whole group on the way out, whatever the way."""

    def __init__(self, process, with_signal=signal.SIGKILL):
        self.process = process
        self.signal = with_signal

    def __enter__(self):
        return self.process

    def __exit__(self, *_):
        if self.process.poll() is not None:
            return
        os.killpg(self.process.pid, self.signal)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def text_of(file):
    """The last of what a command wrote into a temporary file."""
    file.seek(0)
    return file.read()[-2000:].decode(errors="replace").strip()


def name_of(command):
    return " ".join([os.path.basename(command[0]), *command[1:3]])
