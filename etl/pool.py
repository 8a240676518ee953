"""Worker processes, which end with the command, however it ends."""

import multiprocessing
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, nullcontext
from types import TracebackType
from typing import Any, TypeVar

from etl.errors import EtlError
from subgraphs.kit.signals import STOPS, end_with_parent, stops_wait

T = TypeVar("T")

write_lock: AbstractContextManager[Any] = nullcontext()
"""A lock that the workers of a pool share."""


class Pool:
    """Runs functions in `workers` processes; with one worker, in this process."""

    def __init__(self, workers: int) -> None:
        self.workers = workers
        # spawn: the fork of a process with threads, such as a progress bar's, may hang.
        context = multiprocessing.get_context("spawn")
        self._executor = (
            ProcessPoolExecutor(workers, context, initializer=_initialize, initargs=(context.Lock(),))
            if workers > 1
            else None
        )

    def __enter__(self) -> "Pool":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._executor:
            self._executor.shutdown(cancel_futures=True)

    def map(self, function: Callable[..., T], *arguments: Iterable[Any]) -> Iterator[T]:
        """The results, in the order of the arguments."""
        with stops_wait():
            return self._executor.map(function, *arguments) if self._executor else map(function, *arguments)

    def each(self, function: Callable[..., T], *arguments: Iterable[Any]) -> Iterator[T]:
        """The results, as they come. Raises EtlError if a process dies."""
        if not self._executor:
            yield from map(function, *arguments)
            return
        with stops_wait():
            tasks = [self._executor.submit(function, *some) for some in zip(*arguments, strict=True)]
        try:
            for task in as_completed(tasks):
                yield task.result()
        except BrokenProcessPool as error:
            raise EtlError("A worker process was killed. Run the same command again to resume.") from error


def _initialize(lock: AbstractContextManager[Any]) -> None:
    """Prepares a worker process: it ignores Ctrl-C, which its parent handles, and exits when its parent does."""
    global write_lock
    write_lock = lock
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
    end_with_parent()
