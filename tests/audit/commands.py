"""Runs `python -m subgraphs ...` as an operator does."""

import os
import subprocess
import sys

from subgraphs.kit.settings import Settings


def run(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs a command on the databases of these settings, with a wide terminal."""
    names = ("state", "database_url", "redis_url")
    places = {f"STEAMPUNK_{name.upper()}": str(getattr(settings, name)) for name in names}
    environment = {**os.environ, **places, "COLUMNS": "250"}
    command = [sys.executable, "-m", "subgraphs", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
