"""Named points at which a test has a process crash, wait or fail.

Inert unless STEAMPUNK_FAILPOINTS names a folder, as a test does for its own store: then a process that reaches a point
looks there for a file with its process id as the name, which holds a `Fault` as JSON.
"""

import asyncio
import os
import signal
from collections import Counter
from pathlib import Path
from typing import Literal

import aiohttp
import msgspec
from sqlalchemy.exc import OperationalError

FOLDER = os.environ.get("STEAMPUNK_FAILPOINTS", "")

_reached: Counter[str] = Counter()


class Fault(msgspec.Struct, frozen=True):
    """What happens at `point`, `times` times, once that was reached `skip` times since the fault was ordered."""

    id: str
    point: str
    action: Literal["kill", "delay", "cut", "conflict"]
    skip: int = 0
    times: int = 1
    seconds: float = 0.0
    """How long a delay takes."""
    code: int = 1213
    """A conflict's error of MySQL."""


async def failpoint(name: str) -> None:
    """Does what a test has ordered for this point.

    Raises aiohttp.ServerDisconnectedError for a cut, and OperationalError for a conflict.
    """
    fault = _ordered(name) if FOLDER else None
    if fault is None:
        return
    match fault.action:
        case "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        case "delay":
            await asyncio.sleep(fault.seconds)
        case "cut":
            raise aiohttp.ServerDisconnectedError
        case "conflict":
            raise OperationalError(f"injected at {name}", None, Exception(fault.code, "injected"))


def _ordered(point: str) -> Fault | None:
    """The fault that is due at this point; that it was is left behind for the test, as a file."""
    try:
        fault = msgspec.json.decode(Path(FOLDER, str(os.getpid())).read_bytes(), type=Fault)
    except FileNotFoundError:
        return None
    if fault.point != point:
        return None
    _reached[fault.id] += 1
    if not fault.skip < _reached[fault.id] <= fault.skip + fault.times:
        return None
    Path(FOLDER, f"{fault.id}.met").touch()
    return fault
