"""The operator's commands on a store, as they are typed."""

import subprocess

from subgraphs.kit.settings import Settings
from tests.audit.commands import run

WAIT_SECONDS = 60


def dead_letters(settings: Settings) -> str:
    """What `events` prints."""
    return _done(run(settings, "events"))


def replay(settings: Settings, event_id: str) -> None:
    _done(run(settings, "events", "replay", event_id))


def audit(settings: Settings) -> None:
    """Waits until the store is at rest; every invariant must hold."""
    _done(run(settings, "audit", "--wait", str(WAIT_SECONDS)))


def _done(answer: subprocess.CompletedProcess[str]) -> str:
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer.stdout
