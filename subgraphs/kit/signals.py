"""The signals that stop a command, held back while it starts a process."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

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
