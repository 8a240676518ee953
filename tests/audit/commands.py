"""Runs `python -m subgraphs ...` as an operator does."""

import os
import subprocess
import sys

from subgraphs.kit.settings import Settings


def run(settings: Settings, *arguments: str, columns: int = 250) -> subprocess.CompletedProcess[str]:
    """Runs a command on the databases of these settings, on a terminal so wide."""
    names = ("state", "database_url", "redis_url")
    places = {f"STEAMPUNK_{name.upper()}": str(getattr(settings, name)) for name in names}
    environment = {**os.environ, **places, "COLUMNS": str(columns)}
    command = [sys.executable, "-m", "subgraphs", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
