"""The server on one core and its clients on another, so that neither takes the other's time."""

import contextlib
import os


def choose():
    """Cores for the server, for the clients, and for who watches them, the last shared with the clients if need
    be; three times None where there is nothing to choose."""
    if not hasattr(os, "sched_setaffinity"):
        return None, None, None
    available = sorted(os.sched_getaffinity(0))
    if len(available) < 2:
        return None, None, None
    return available[0], available[1], available[min(2, len(available) - 1)]


@contextlib.contextmanager
def running_on(core):
    """Processes started inside inherit the core."""
    if core is None:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
