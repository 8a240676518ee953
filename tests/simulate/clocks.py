"""One clock for everything: the loop's time stands in for the clocks of this process, of SQLite, and in new ids."""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from random import Random
from unittest.mock import patch
from uuid import UUID

import uuid_utils

from tests.simulate.loop import SimulatedLoop

BEGIN = datetime(2030, 1, 1, tzinfo=UTC)


class Clock:
    """The time of a simulation, which begins with the year 2030 and `offset` seconds."""

    def __init__(self, loop: SimulatedLoop, offset: float) -> None:
        self._loop = loop
        self._offset = offset
        self._random = Random(offset)

    @property
    def now(self) -> datetime:
        return BEGIN + timedelta(seconds=self._offset + self._loop.time())

    def strftime(self, form: str, modifier: str) -> str:
        """SQLite's function of this name, as far as the store uses it."""
        assert (form, modifier) == ("%Y-%m-%d %H:%M:%f000", "now")
        return f"{self.now:%Y-%m-%d %H:%M:%S}.{self.now.microsecond // 1000:03}000"

    def new_uuid(self) -> UUID:
        """A UUID of version 7, like any that the store makes at this time."""
        milliseconds = int(self.now.timestamp() * 1000)
        value = milliseconds << 80 | 7 << 76 | self._random.getrandbits(12) << 64 | 0b10 << 62
        return UUID(int=value | self._random.getrandbits(62))

    @contextmanager
    def everywhere(self) -> Iterator[None]:
        """While it lasts, the modules `time` and `uuid_utils` know no other time."""
        random.seed(0)
        with (
            patch.object(time, "monotonic", self._loop.time),
            patch.object(time, "perf_counter", self._loop.time),
            patch.object(time, "time", lambda: self.now.timestamp()),
            patch.object(uuid_utils, "uuid7", self.new_uuid),
        ):
            yield
