"""What a command measures, and where."""

from pathlib import Path

import pytest

from perf.bench import Amount
from perf.command import SCENARIOS, main
from subgraphs.kit.problems import Problem


@pytest.mark.parametrize("option", ["--embedded", "--games=5", "--past=5"])
def test_a_running_store_is_not_started_anew(option: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEAMPUNK_STATE", str(tmp_path))
    with pytest.raises(Problem, match="for a store that perf starts itself"):
        main("pay", [option])


def test_a_run_is_named_by_its_loop() -> None:
    pay = SCENARIOS["pay"]
    assert [Amount().name(pay, connections, 1) for connections in Amount().connections(pay)] == [
        "pay, c=20",
        "pay, c=64",
        "pay, c=1000",
    ]
    open_loop = Amount(rate=300.0, runs=2)
    assert [open_loop.name(pay, connections, 2) for connections in open_loop.connections(pay)] == ["pay, 300/s #2"]
