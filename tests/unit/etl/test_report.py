"""The table of loads."""

import io

import pytest
from rich.console import Console

from etl.report import runs_table
from etl.runs import Result, Run

LARGE = Result(added=85_103, changed=85_103, unchanged=85_103, kept=85_103, rejects=85_103, rows=3_223_681)


@pytest.mark.parametrize("finished_at", [None, "2026-11-24T13:00:00.000+00:00"])
def test_the_largest_load_fits_100_columns(finished_at: str | None) -> None:
    started, name = "2026-11-24T12:33:20.000+00:00", "a-data-set-with-a-rather-long-name-of-its-own.json.gz"
    run = Run(1234, f"/data/{name}", "f" * 64, 609_000_000, 16 << 20, 41, 85_103, started, finished_at, {0: LARGE})
    output = io.StringIO()

    Console(file=output, width=100).print(runs_table([run]))

    lines = output.getvalue().splitlines()
    assert max(map(len, lines)) <= 100
    assert "…" not in output.getvalue()
    cells = [[cell.strip() for cell in line.split("│")[1:-1]] for line in lines if "│" in line]
    whole = ["".join(cell) for cell in zip(*cells, strict=True)]
    assert whole[1] == name
    assert "85,103 rejected" in " ".join(cell[3] for cell in cells)
    assert ("1,600.0 s" if finished_at else "1 of 41 chunks") in " ".join(cell[6] for cell in cells)
