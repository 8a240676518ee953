"""Which build of the store this process runs, as a metric."""

import tomllib
from functools import cache
from pathlib import Path

from prometheus_client import Gauge

BUILD = Gauge("steampunk_build_info", "Always 1: the release that runs, and its revision.", ["version", "revision"])
PROJECT = Path(__file__).parents[2] / "pyproject.toml"


@cache
def version() -> str:
    """The release, such as 0.1.0."""
    return str(tomllib.loads(PROJECT.read_text())["project"]["version"])


def show_build(revision: str) -> None:
    BUILD.labels(version(), revision).set(1)
