"""Runs the project's commands as a person does."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

SECONDS = 120
PORTS = "ROUTER", "ROUTER_HEALTH", "ROUTER_METRICS", "PLAYGROUND", "LIVE", "VALKEY"


def run(environment: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs `python -m ...` to its end; only these STEAMPUNK_ settings hold."""
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, env=clean(environment), capture_output=True, text=True, timeout=SECONDS)


@contextmanager
def running_until(
    words: str, environment: Mapping[str, str], *arguments: str, seconds: float = SECONDS
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Runs `python -m ...` in a process group of its own, as a shell does, until a line holds these words.

    Gives the process, and what it has printed so far. It is killed if the block has not ended after `seconds`.
    """
    with subprocess.Popen(
        [sys.executable, "-u", "-m", *arguments],
        env=clean(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        # A test run in the background may ignore SIGINT, which children inherit.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        assert process.stdout is not None
        killer = threading.Timer(seconds, os.killpg, (process.pid, signal.SIGKILL))
        killer.start()
        try:
            seen = ""
            while words not in seen:
                line = process.stdout.readline()
                assert line, f"no line with {words!r}:\n{seen}"
                seen += line
            yield process, seen
        finally:
            killer.cancel()


def clean(environment: Mapping[str, str]) -> dict[str, str]:
    others = {name: value for name, value in os.environ.items() if not name.startswith("STEAMPUNK_")}
    return {**others, **environment}


def port_settings(ports: Sequence[int]) -> dict[str, str]:
    """Settings that put a store on these ports: one for each other process, then the subgraphs'."""
    settings = dict(zip((*PORTS, "SUBGRAPH"), ports, strict=False))
    return {f"STEAMPUNK_{name}_PORT": str(port) for name, port in settings.items()}


def told(answer: subprocess.CompletedProcess[str]) -> str:
    """The one paragraph that a failed command prints."""
    assert "Traceback" not in answer.stderr, answer.stderr
    (line,) = answer.stderr.strip().splitlines()
    return line
