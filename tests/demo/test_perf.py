"""`python -m perf` on a running store with the sample catalogue: every scenario, a little."""

import json
import subprocess
import sys
from pathlib import Path

from tests.operator.commands import clean

SECONDS = 600
REQUESTS = 12
UNITS = 4
SCENARIOS = {"pay", "checkout", "claim_lost", "sale_status", "browse", "search", "me", f"flash_sale of {UNITS}"}


def test_all_scenarios_run_without_an_error_and_the_books_are_right(
    engine: str, demo: dict[str, str], tmp_path: Path
) -> None:
    little = f"--requests={REQUESTS}", f"--units={UNITS}", "--concurrency=3", "--warm-up=2", f"--reports={tmp_path}"
    command = [sys.executable, "-m", "perf", "all", *little]
    measured = subprocess.run(command, env=clean(demo), capture_output=True, text=True, timeout=SECONDS)

    assert measured.returncode == 0, measured.stdout + measured.stderr
    assert "invariants hold" in measured.stdout
    report = json.loads(next(tmp_path.glob("all-*.json")).read_text())
    rows = {row["run"]: row for row in report["tables"]["Answers and their latency (ms)"]}
    answers = {name: row["answers"] for name, row in rows.items()}
    groups = {f"flash_sale of {UNITS}, c=3: winners": UNITS, f"flash_sale of {UNITS}, c=3: losers": REQUESTS - UNITS}
    assert answers == {f"{name}, c=3": REQUESTS for name in SCENARIOS} | groups | {"idle, 1/s": REQUESTS}
    spent = {row["run"]: row for row in report["tables"]["CPU of an operation (ms)"]}
    assert spent["pay, c=3"]["payment"] > 0
    assert ("SQL of an operation" in report["tables"]) == (engine == "servers")
    assert next(tmp_path.glob("*.png")).read_bytes().startswith(b"\x89PNG")
    assert "<table>" in next(tmp_path.glob("*.html")).read_text()
