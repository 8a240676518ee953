"""Child processes of a local store: started together, watched, and ended together."""

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
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

PR_SET_PDEATHSIG = 1


class LaunchFailed(Exception):
    """The store cannot start, or has ended; the message says why and what to do."""


class Child:
    """One process, with its output in a log file."""

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str], logs: Path) -> None:
        self.name = name
        self.log = logs / f"{name}.log"
        self._command = list(command)
        self._environment = dict(environment)
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            return subprocess.Popen(
                self._command,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Ctrl-C reaches the launcher alone, which ends its children in order.
                start_new_session=True,
                preexec_fn=_begin_child if sys.platform == "linux" else None,
            )

    def restart(self) -> None:
        self.process = self._start()

    def kill(self) -> None:
        """Ends the process at once, as a crash would, and its workers with it."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self, seconds: float = 8) -> None:
        """Asks the process to end, and makes it end when it does not."""
        if self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()

    def wait_until(self, ready: Callable[[], bool], seconds: float) -> None:
        """Raises LaunchFailed when the process ends, or is not ready in time."""
        until = time.monotonic() + seconds
        while not ready():
            if self.process.poll() is not None:
                raise LaunchFailed(f"{self.name} ended while it was starting:\n{self.last_lines()}")
            if time.monotonic() > until:
                raise LaunchFailed(f"{self.name} was not ready after {seconds:.0f} s:\n{self.last_lines()}")
            time.sleep(0.02)

    def last_lines(self, count: int = 15) -> str:
        lines = self.log.read_text(errors="replace").splitlines()[-count:]
        return "\n".join([*lines, f"(all of it: {self.log})"])

    def last_line(self) -> str:
        return "".join(self.log.read_text(errors="replace").splitlines()[-1:])


def check_ports(ports: Mapping[str, int]) -> None:
    """Raises a LaunchFailed that names the settings of ports which are taken."""
    taken = [f"  port {port}: choose another with {name}" for name, port in ports.items() if _listens(port)]
    if taken:
        raise LaunchFailed("Another program listens where the store wants to:\n" + "\n".join(taken))


def answers(url: str) -> bool:
    """Whether a GET is answered with a success."""
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return bool(response.status < 300)
    except (urllib.error.URLError, OSError):
        return False


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def _begin_child() -> None:
    """What a child does before it becomes its program."""
    # A launcher that was killed leaves no children that hold its ports.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    # A connection is an open file: with a shell's usual limit, the router would take a thousand clients and no more.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
