"""Servers of a local store as processes that are forked from one which has already loaded the libraries they share.

Loading them takes more processor time than everything else that a subgraph does at its start: one process loads
them for all. Elsewhere, such as in containers, each one is a program: `python -m subgraphs serve` or `live`.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Callable, Mapping
from functools import partial
from multiprocessing import forkserver, get_context, resource_tracker
from pathlib import Path

from subgraphs.kit.signals import STOPS, end_with_parent, stops_wait
from subgraphs.store.processes import PRIVATE_UMASK, Child, begin_child
from subgraphs.store.serve import serve, serve_live

PR_SET_NAME = 15
SHARED = ["subgraphs.kit.web.app", "subgraphs.kit.command_line", "subgraphs.store.serve"]

_context = get_context("forkserver")
_context.set_forkserver_preload(SHARED)


def prepare() -> None:
    """Starts to load what subgraphs share, if that has not begun. Does not wait for it."""
    resource_tracker.ensure_running()  # else the next lines would start it, and it lets signals through
    with stops_wait():  # the process inherits this: Ctrl-C is for the launcher alone
        forkserver.ensure_running()


class Forked(Child):
    """A process that serves until it is told to stop."""

    def __init__(self, name: str, work: Callable[[], None], environment: Mapping[str, str], logs: Path) -> None:
        self._work = work
        super().__init__(name, environment, logs)

    @property
    def pid(self) -> int:
        return self._process.pid or 0

    def restart(self) -> None:
        with self._open_log():  # makes it, for its owner only
            arguments = (self.name, self._work, self._environment, self.log)
            self._process = _context.Process(target=_serve, args=arguments)
            prepare()
            try:
                with stops_wait():  # half a request would end the process that forks
                    self._process.start()
            except KeyboardInterrupt:  # Ctrl-C in between: nobody else knows this process yet
                self.terminate()
                raise

    def exit_code(self, seconds: float = 0) -> int | None:
        self._process.join(seconds)
        return self._process.exitcode


class Subgraph(Forked):
    """A subgraph of a local store, with its workers."""

    def __init__(self, name: str, port: int, workers: int, environment: Mapping[str, str], logs: Path) -> None:
        super().__init__(name, partial(serve, name, port, workers), environment, logs)


class Live(Forked):
    """The live numbers of a local store."""

    def __init__(self, port: int, environment: Mapping[str, str], logs: Path) -> None:
        super().__init__("live", partial(serve_live, port), environment, logs)


def _serve(name: str, work: Callable[[], None], environment: Mapping[str, str], log: Path) -> None:
    """Runs in the forked process."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
    os.setsid()
    os.umask(PRIVATE_UMASK)
    begin_child()
    end_with_parent()
    _show_as(name)
    _redirect(log)
    os.environ.clear()
    os.environ.update(environment)

    from subgraphs.kit.command_line import run

    sys.exit(run(work))


def _redirect(log: Path) -> None:
    """Standard input is empty; both outputs go to the log."""
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.stdin = os.fdopen(0)  # uvicorn hands it to workers
    output = os.open(log, os.O_WRONLY | os.O_APPEND)
    os.dup2(output, 1)
    os.dup2(output, 2)


def _show_as(name: str) -> None:
    """What `top` and `ps -e` call the process, at most 15 letters."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_NAME, f"steam-{name}".encode())
