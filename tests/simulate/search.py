"""The search: one schedule after the other, each in a child process that begins with the same memory."""

import gc
import os
import signal
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import msgspec

from tests.simulate import schedule
from tests.simulate.catalogue import Catalogue
from tests.simulate.schedule import Outcome
from tests.simulate.store import Store, empty_store

WARM_UP_SEEDS = range(3)
LONGEST_SECONDS = 60
"""A schedule takes about one, of processor time. After so many it is ended, and has failed."""
NO_END = Outcome([f"NoEnd: it was not over after {LONGEST_SECONDS} s of processor time"], {}, [], 0, 0, LONGEST_SECONDS)
SHARED_MEMORY = Path("/dev/shm")  # files there cost no disk writes


@dataclass(frozen=True)
class Simulator:
    """Runs schedules on a stocked store."""

    store: Store
    catalogue: Catalogue

    def run(self, seed: int, given: Mapping[str, int] | None = None) -> Outcome:
        """The outcome of a schedule; see `schedule.run`. Raises DecodeError if the child has printed why there is none."""
        receiving, sending = os.pipe()
        child = os.fork()
        if not child:
            signal.setitimer(signal.ITIMER_PROF, LONGEST_SECONDS)
            try:
                gc.disable()  # what a dead process leaves behind must stay as it is
                outcome = schedule.run(self.store, self.catalogue, seed, given)
                with open(sending, "wb") as pipe:
                    pipe.write(msgspec.json.encode(outcome))
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(0)
        os.close(sending)
        with open(receiving, "rb") as pipe:
            told = pipe.read()
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGPROF:
            return NO_END
        return msgspec.json.decode(told, type=Outcome)


@contextmanager
def simulator() -> Iterator[Simulator]:
    """A simulator whose engines have compiled most statements: what is compiled anew in each child takes longest."""
    parent = SHARED_MEMORY if SHARED_MEMORY.is_dir() else None
    with TemporaryDirectory(dir=parent) as folder, empty_store(Path(folder)) as store:
        catalogue = schedule.opening(store)
        for seed in WARM_UP_SEEDS:
            schedule.run(store, catalogue, seed)
        gc.collect()
        gc.freeze()
        yield Simulator(store, catalogue)


def searched(simulator: Simulator, seed: str, seconds: float) -> Iterator[tuple[int, Outcome]]:
    """Outcomes by the seeds of their schedules, which follow from `seed`, until the time is over."""
    seeds, until = Random(seed), time.monotonic() + seconds
    while time.monotonic() < until:
        one = seeds.randrange(1_000_000_000)
        yield one, simulator.run(one)
