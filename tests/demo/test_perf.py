"""`python -m perf` on a running store with the sample catalogue: every scenario, a little."""

import json
from pathlib import Path

import pytest

from tests.operator.commands import run

LITTLE = "--requests=24", "--warm-up=4", "--units=6"
SCENARIOS = {"pay", "checkout", "flash_sale of 6", "claim_lost", "browse", "search", "me"}


def test_all_scenarios_run_without_an_error_and_the_books_are_right(
    engine: str, demo: dict[str, str], tmp_path: Path
) -> None:
    measured = run(demo, "perf", "all", *LITTLE, "--concurrency=3", "--reports", str(tmp_path))

    assert measured.returncode == 0, measured.stdout + measured.stderr
    assert "invariants hold" in measured.stdout
    report = json.loads(next(tmp_path.glob("all-*.json")).read_text())
    answers = {row["run"]: row for row in report["tables"]["Answers and their latency (ms)"]}
    assert {f"{name}, c=3" for name in SCENARIOS} <= answers.keys()
    assert [row["answers"] for name, row in answers.items() if name.endswith("c=3")] == [24] * len(SCENARIOS)
    assert answers["flash_sale of 6, c=3: winners"]["answers"] == 6
    spent = {row["run"]: row for row in report["tables"]["CPU of an operation (ms)"]}
    assert spent["pay, c=3"]["payment"] > 0
    assert ("SQL of an operation" in report["tables"]) == (engine == "servers")
    assert next(tmp_path.glob("*.png")).read_bytes().startswith(b"\x89PNG")
    assert "<table>" in next(tmp_path.glob("*.html")).read_text()


def test_an_open_loop_is_named_by_its_rate(demo: dict[str, str], tmp_path: Path) -> None:
    measured = run(demo, "perf", "cards", *LITTLE, "--rate=20", "--no-audit", "--reports", str(tmp_path))

    assert measured.returncode == 0, measured.stdout + measured.stderr
    report = json.loads(next(tmp_path.glob("cards-*.json")).read_text())
    [answers] = report["tables"]["Answers and their latency (ms)"]
    assert (answers["run"], answers["answers"], answers["errors"]) == ("browse, 20/s", 24, 0)


@pytest.mark.parametrize("option", ["--embedded", "--games=5"])
def test_a_running_store_is_not_started_anew(demo: dict[str, str], option: str) -> None:
    refused = run(demo, "perf", "pay", option)
    assert refused.returncode != 0
    assert "for a store that perf starts itself" in refused.stderr
