"""Runs the project's commands as a person does."""

import os
import subprocess
import sys
from collections.abc import Mapping

SECONDS = 120


def run(environment: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs `python -m ...` to its end; only these STEAMPUNK_ settings hold."""
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, env=clean(environment), capture_output=True, text=True, timeout=SECONDS)


def clean(environment: Mapping[str, str]) -> dict[str, str]:
    others = {name: value for name, value in os.environ.items() if not name.startswith("STEAMPUNK_")}
    return {**others, **environment}


def told(answer: subprocess.CompletedProcess[str]) -> str:
    """The one paragraph that a failed command prints."""
    assert "Traceback" not in answer.stderr, answer.stderr
    (line,) = answer.stderr.strip().splitlines()
    return line
