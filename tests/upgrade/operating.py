"""Runs the operator's commands on a store."""

import subprocess

from subgraphs.kit.settings import Settings
from tests.audit.commands import run

WAIT_SECONDS = 60


def dead_letters(settings: Settings) -> str:
    """The output of `events`."""
    return _done(run(settings, "events"))


def replay(settings: Settings, event_id: str) -> None:
    _done(run(settings, "events", "replay", event_id))


def audit(settings: Settings) -> None:
    """Waits until the store is at rest and asserts that every invariant holds."""
    _done(run(settings, "audit", "--wait", str(WAIT_SECONDS)))


def _done(answer: subprocess.CompletedProcess[str]) -> str:
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer.stdout
