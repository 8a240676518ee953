"""Locust's shoppers on a whole store with the sample catalogue, for half a minute or until they have done everything."""

import json
import subprocess
import time
from pathlib import Path

import pytest

from router.environments import tools
from tests.operator.commands import clean, run

ROOT = Path(__file__).parents[2]
SECONDS = 300
ACTIONS = {
    "register", "buy points", "list the genres", "browse", "search", "look at a game", "look at the own shelf", "wish",
    "order", "start the payment", "pay", "buy at once", "look at the flash sales", "claim", "buy the claimed unit", "play",
}  # fmt: skip


def locust(settings: dict[str, str], *options: str) -> subprocess.CompletedProcess[str]:
    command = [
        str(tools("load") / "bin" / "python"),
        "-m",
        "locust",
        "--locustfile",
        "perf/locustfile.py",
        "--headless",
        *options,
    ]
    return subprocess.run(command, cwd=ROOT, env=clean(settings), capture_output=True, text=True, timeout=SECONDS)


def test_shoppers_do_everything_without_an_error_and_the_books_are_right(demo: dict[str, str]) -> None:
    done: set[str] = set()
    until = time.monotonic() + SECONDS
    while not done >= ACTIONS and time.monotonic() < until:
        shopping = locust(demo, "--users=12", "--spawn-rate=12", "--run-time=30s", "--pace=0.2", "--json")
        assert shopping.returncode == 0, shopping.stderr
        rows = json.loads(shopping.stdout)
        assert sum(row["num_failures"] for row in rows) == 0
        done |= {row["name"] for row in rows}

    assert done >= ACTIONS
    audit = run(demo, "subgraphs", "audit", "--wait", "60")
    assert audit.returncode == 0, audit.stdout


def test_without_a_store_the_load_says_how_to_start_one(engine: str) -> None:
    if engine != "embedded":
        pytest.skip("it needs no engine")
    answer = locust({"STEAMPUNK_ROUTER_PORT": "1"}, "--users=1", "--run-time=30s")
    assert answer.returncode == 2
    assert "No flash sale at http://127.0.0.1:1" in answer.stderr
    assert "nox -s up" in answer.stderr
