"""Worker processes that do not outlive the command, whichever way it ends."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, nullcontext
from multiprocessing.connection import wait
from types import TracebackType
from typing import Any, TypeVar

from etl.errors import EtlError

T = TypeVar("T")

one_at_a_time: AbstractContextManager[Any] = nullcontext()
"""A lock that all workers of a pool share."""


class Pool:
    """Runs functions in `workers` processes; with one worker, in this very process."""

    def __init__(self, workers: int) -> None:
        self.workers = workers
        # spawn: a forked copy of a process with threads (a progress bar's, a caller's) may hang.
        context = multiprocessing.get_context("spawn")
        self._executor = (
            ProcessPoolExecutor(workers, context, initializer=_begin, initargs=(context.Lock(),))
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
        """The results in the order of the arguments."""
        return self._executor.map(function, *arguments) if self._executor else map(function, *arguments)

    def each(self, function: Callable[..., T], *arguments: Iterable[Any]) -> Iterator[T]:
        """The results as they come. Raises EtlError where a process died."""
        if not self._executor:
            yield from map(function, *arguments)
            return
        tasks = [self._executor.submit(function, *some) for some in zip(*arguments, strict=True)]
        try:
            for task in as_completed(tasks):
                yield task.result()
        except BrokenProcessPool as error:
            raise EtlError("A worker process was ended from outside. Run the same command again.") from error


def _begin(lock: AbstractContextManager[Any]) -> None:
    """Prepares a worker: Ctrl-C is for the parent to handle, and without a parent there is nothing to do."""
    global one_at_a_time
    one_at_a_time = lock
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os._exit(1)
