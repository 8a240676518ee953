"""Runs the project's commands as a person does."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence

SECONDS = 120
PORTS = "ROUTER", "ROUTER_HEALTH", "ROUTER_METRICS", "PLAYGROUND", "VALKEY"


def run(environment: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs `python -m ...` to its end; only these STEAMPUNK_ settings hold."""
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, env=clean(environment), capture_output=True, text=True, timeout=SECONDS)


def clean(environment: Mapping[str, str]) -> dict[str, str]:
    others = {name: value for name, value in os.environ.items() if not name.startswith("STEAMPUNK_")}
    return {**others, **environment}


def port_settings(ports: Sequence[int]) -> dict[str, str]:
    """Settings that put a store on these ports: six for the subgraphs, then one for each other process."""
    settings = {"SUBGRAPH": ports[0], **dict(zip(PORTS, ports[6:], strict=False))}
    return {f"STEAMPUNK_{name}_PORT": str(port) for name, port in settings.items()}


def told(answer: subprocess.CompletedProcess[str]) -> str:
    """The one paragraph that a failed command prints."""
    assert "Traceback" not in answer.stderr, answer.stderr
    (line,) = answer.stderr.strip().splitlines()
    return line
