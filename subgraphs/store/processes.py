"""Child processes of a local store."""

import ctypes
import os
import resource
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from subgraphs.kit.problems import Problem
from subgraphs.kit.signals import STOPS, stops_wait

PR_SET_PDEATHSIG = 1
KILL_SECONDS = 5
PRIVATE_UMASK = 0o077
"""Files are for their owner only: they hold personal data, and logs may."""


class LaunchFailed(Problem):
    """The store cannot start, or has ended. The message says why and what to do."""


class Child(ABC):
    """A child process that writes its output to a log file."""

    def __init__(self, name: str, environment: Mapping[str, str], logs: Path) -> None:
        self.name = name
        self.log = logs / f"{name}.log"
        self._environment = dict(environment)
        self.restart()

    @property
    @abstractmethod
    def pid(self) -> int: ...

    @abstractmethod
    def restart(self) -> None:
        """Starts the process. One that ran before must have ended."""

    @abstractmethod
    def exit_code(self, seconds: float = 0) -> int | None:
        """Waits up to `seconds` for the process to end. Returns its exit code, or None if it is still running."""

    @property
    def has_ended(self) -> bool:
        return self.exit_code() is not None

    def terminate(self) -> None:
        """Asks the process to end."""
        if not self.has_ended:
            os.kill(self.pid, signal.SIGTERM)

    def kill(self) -> None:
        """Kills the process and its workers, as a crash would."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.exit_code(KILL_SECONDS)
        # The workers hold the port until they, too, have ended.
        until = time.monotonic() + KILL_SECONDS
        while self._has_workers() and time.monotonic() < until:
            time.sleep(0.01)

    def _has_workers(self) -> bool:
        """Whether any process of its group is there."""
        try:
            os.killpg(self.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def stop(self, seconds: float = 8) -> None:
        """Asks the process to end, and kills it if it has not after `seconds`."""
        self.terminate()
        self.wait(seconds)

    def wait(self, seconds: float = 8) -> None:
        """Waits for a process that was asked to end, and kills it if it has not after `seconds`."""
        if self.exit_code(seconds) is None:
            self.kill()

    def wait_until(self, ready: Callable[[], bool], seconds: float) -> None:
        """Waits until `ready()` is true. Raises LaunchFailed if the process ends, or is not ready in time."""
        until = time.monotonic() + seconds
        while not ready():
            if self.has_ended:
                raise LaunchFailed(f"{self.name} ended while it was starting:\n{self.last_lines()}")
            if time.monotonic() > until:
                raise LaunchFailed(f"{self.name} was not ready after {seconds:.0f} s:\n{self.last_lines()}")
            time.sleep(0.02)

    def last_lines(self, count: int = 15) -> str:
        lines = self.log.read_text(errors="replace").splitlines()[-count:]
        return "\n".join([*lines, f"(the whole log: {self.log})"])

    def last_line(self) -> str:
        return "".join(self.log.read_text(errors="replace").splitlines()[-1:])

    def _open_log(self) -> IO[bytes]:
        private_folder(self.log.parent)
        return open(self.log, "ab", opener=_private)


class Program(Child):
    """A child process that runs a command."""

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str], logs: Path) -> None:
        self._command = list(command)
        super().__init__(name, environment, logs)

    @property
    def pid(self) -> int:
        return self._process.pid

    def restart(self) -> None:
        with self._open_log() as log, stops_wait():
            self._process = subprocess.Popen(
                self._command,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Ctrl-C reaches only the launcher, which stops its children in order.
                start_new_session=True,
                umask=PRIVATE_UMASK,
                preexec_fn=_begin_program,
            )

    def exit_code(self, seconds: float = 0) -> int | None:
        try:
            return self._process.wait(seconds) if seconds else self._process.poll()
        except subprocess.TimeoutExpired:
            return None


def private_folder(folder: Path) -> None:
    """Makes the folder if it is missing, and closes it to everyone but its owner."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)


def check_ports(ports: Mapping[str, int]) -> None:
    """Raises LaunchFailed if ports are taken; the message names the settings that change them."""
    taken = [f"  port {port}: choose another with {name}" for name, port in ports.items() if _listens(port)]
    if taken:
        raise LaunchFailed("The store needs ports that another program uses:\n" + "\n".join(taken))


def answers(url: str, headers: Mapping[str, str] | None = None) -> bool:
    """Whether a GET request succeeds."""
    request = urllib.request.Request(url, headers=dict(headers or {}))
    try:
        with urllib.request.urlopen(request, timeout=2) as response:
            return bool(response.status < 300)
    except (urllib.error.URLError, OSError):
        return False


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def begin_child() -> None:
    """Runs in the child process before its work. It ends with its parent, and may open as many files as it can."""
    if sys.platform == "linux":
        # If the launcher is killed, its children end too and free their ports.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    # A connection is an open file: a shell's usual limit would allow the router only a thousand clients.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _begin_program() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
    begin_child()
