"""Ports for stores that run side by side."""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path

from subgraphs.store.processes import LaunchFailed, check_ports

# Above 10080, to which browsers and Node refuse to connect, and below the ports that the system gives to clients.
FIRST, LAST = 10_100, 32_000
COUNT = 20
ROWS = range(FIRST, LAST, COUNT)
# Each store gets other ports than those before it: a test's client may still have connections to these.
_next_rows = cycle(ROWS)


@contextmanager
def reserved_ports() -> Iterator[list[int]]:
    """Free ports in a row that no other store of a test takes while the block lasts."""
    folder = Path(tempfile.gettempdir(), f"steampunk-ports-{os.getuid()}")
    folder.mkdir(exist_ok=True)
    for first in islice(_next_rows, len(ROWS)):
        ports = list(range(first, first + COUNT))
        with (folder / str(first)).open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                check_ports({str(port): port for port in ports})
            except (BlockingIOError, LaunchFailed):
                continue
            yield ports
            return
    raise AssertionError(f"no {COUNT} free ports in a row")
