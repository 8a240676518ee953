"""The signals that stop a command, held back while it starts a process; and processes that end with their parent."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from multiprocessing import parent_process
from threading import Thread

STOPS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def stops_wait() -> Iterator[None]:
    """Signals that stop this process arrive after the block.

    A fork runs callbacks of Python's own, in which a KeyboardInterrupt would be printed and forgotten. A process that
    is started within the block goes on holding them back, until it unblocks them.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@cache
def end_with_parent() -> None:
    """Sends this process SIGTERM once its parent has ended, in whatever way.

    The parent is the process that has started it by `multiprocessing`: the launcher, or the supervisor of several
    workers. Where there is none, nothing happens.
    """
    if parent_process() is not None:
        Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    assert parent is not None
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)
