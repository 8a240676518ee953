"""Failpoints: named points in the code at which a test makes a process crash, wait or fail.

They do nothing unless STEAMPUNK_FAILPOINTS names a folder, as a test does for a store of its own. A process that
reaches a failpoint then looks in the folder for a file named after its process id, which holds a `Fault` as JSON.
"""

import asyncio
import os
import signal
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Literal

import aiohttp
import msgspec
from sqlalchemy.exc import OperationalError

_reached: Counter[str] = Counter()


@cache
def _folder() -> str:
    return os.environ.get("STEAMPUNK_FAILPOINTS", "")


class Fault(msgspec.Struct, frozen=True):
    """What happens at `point`: nothing the first `skip` times, then the fault `times` times."""

    id: str
    point: str
    action: Literal["kill", "delay", "cut", "conflict"]
    skip: int = 0
    times: int = 1
    seconds: float = 0.0
    """How long a delay lasts."""
    code: int = 1213
    """The MySQL error of a conflict."""


async def failpoint(name: str) -> None:
    """Carries out the fault that a test has set for this point, if any.

    Raises aiohttp.ServerDisconnectedError for a cut, and OperationalError for a conflict.
    """
    fault = _due(name) if _folder() else None
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


def _due(point: str) -> Fault | None:
    """The fault to carry out now. A file that it leaves behind tells the test."""
    try:
        fault = msgspec.json.decode(Path(_folder(), str(os.getpid())).read_bytes(), type=Fault)
    except FileNotFoundError:
        return None
    if fault.point != point:
        return None
    _reached[fault.id] += 1
    if not fault.skip < _reached[fault.id] <= fault.skip + fault.times:
        return None
    Path(_folder(), f"{fault.id}.met").touch()
    return fault
