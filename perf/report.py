"""Reports: a table on the terminal, the same as JSON and a plot in perf/reports/."""

import json
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from perf.common import Measurement

REPORTS = Path(__file__).parent / "reports"
PAGE_COLUMNS = 140


def print_table(title: str, rows: Sequence[dict[str, Any]]) -> None:
    """Prints rows as a table; times in milliseconds."""
    table = Table(title=title)
    for name in rows[0]:
        table.add_column(name, justify="left" if name == "run" else "right")
    for row in rows:
        table.add_row(*["-" if value is None else f"{value}" for value in row.values()])
    # In a file, rich would cut the table to 80 columns.
    Console(width=None if sys.stdout.isatty() else PAGE_COLUMNS).print(table)


def save(name: str, rows: Sequence[dict[str, Any]], measurements: dict[str, Measurement]) -> Path:
    """Writes the rows as JSON, and a plot of the timeline; the plot's path."""
    REPORTS.mkdir(exist_ok=True)
    stem = f"{name}-{datetime.now().astimezone():%Y%m%d-%H%M%S}"
    (REPORTS / f"{stem}.json").write_text(json.dumps(list(rows), indent=1))
    plot = REPORTS / f"{stem}.png"
    _plot(plot, measurements)
    return plot


def _plot(path: Path, measurements: dict[str, Measurement]) -> None:
    """Plots the number of answers over time, by kind, for each run."""
    import matplotlib as mpl

    mpl.use("agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(len(measurements), 1, figsize=(9, 3.2 * len(measurements)), squeeze=False)
    for axis, (run, measurement) in zip(axes[:, 0], measurements.items(), strict=True):
        for kind in measurement.latencies:
            times = sorted(ended_at for ended_at, which in measurement.ended_at if which == kind)
            axis.step([0, *times], range(len(times) + 1), where="post", label=f"{kind} ({len(times)})")
        axis.set(title=run, xlabel="seconds", ylabel="answers")
        axis.legend()
        axis.grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)
