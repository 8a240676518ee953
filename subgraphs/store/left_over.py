"""Processes that an earlier `up` has left running because it was killed.

`up` keeps a record of its processes in the state folder. A process is known by its id and the time of its start, so
that another program's process with the same id is left alone.
"""

import json
import os
import signal
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from subgraphs.store.processes import LaunchFailed

RECORD = "processes.json"
TERM_SECONDS = 8
KILL_SECONDS = 5


def record(state: Path, pids: Iterable[int]) -> None:
    """Remembers this process as the launcher of the store in `state`, and the ids of its processes."""
    written = state / f"{RECORD}.new"
    written.write_text(json.dumps({"launcher": _known(os.getpid()), "processes": [_known(pid) for pid in pids]}))
    written.replace(state / RECORD)


def forget(state: Path) -> None:
    """Nothing of the store in `state` runs any more."""
    (state / RECORD).unlink(missing_ok=True)


def end_left_over(state: Path) -> int:
    """Ends what an earlier launcher has left behind; returns how many processes that were.

    Raises LaunchFailed if that launcher still runs.
    """
    try:
        known = json.loads((state / RECORD).read_text())
        launcher, processes = known["launcher"], known["processes"]
    except (OSError, ValueError, KeyError, TypeError):
        return 0
    if _runs(launcher) and launcher[0] != os.getpid():
        raise LaunchFailed(f"The store in {state} is running already, by process {launcher[0]}. Stop that one first.")
    left = [process for process in processes if _runs(process)]
    for number, seconds in ((signal.SIGTERM, TERM_SECONDS), (signal.SIGKILL, KILL_SECONDS)):
        _send(number, [pid for pid, _ in filter(_runs, left)])
        until = time.monotonic() + seconds
        while any(map(_runs, left)) and time.monotonic() < until:
            time.sleep(0.05)
    forget(state)
    return len(left)


def _send(number: signal.Signals, pids: Iterable[int]) -> None:
    """Sends a signal to each process. SIGKILL goes to the workers of each as well."""
    for pid in pids:
        with suppress(ProcessLookupError):
            (os.killpg if number == signal.SIGKILL else os.kill)(pid, number)


def _known(pid: int) -> list[int | str]:
    return [pid, _started(pid)]


def _runs(process: list[int | str]) -> bool:
    pid, started = process
    return started != "" and _started(int(pid)) == started


def _started(pid: int) -> str:
    """When a process has started: the boot's id and the time since then. Empty if it has ended, or without /proc."""
    try:
        # After the name, which may hold anything: the state is the first field, the start the twentieth.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""
    return "" if fields[0] == "Z" else f"{boot} {fields[19]}"
