"""What a command prints: progress, and tables."""

import time
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.table import Table
from rich.text import Text

from etl.load import Summary
from etl.profiling import FileProfile
from etl.runs import Result, Run

SECONDS_BETWEEN_LINES = 2.0


class ProgressBar:
    """Progress on a terminal: a bar with rate and time left."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            TextColumn("{task.description:<18}"),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
            console=console,
        )
        self._task: TaskID | None = None

    def __enter__(self) -> "ProgressBar":
        self._progress.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._progress.stop()

    def note(self, text: str) -> None:
        self._progress.console.print(text)

    def phase(self, name: str, total: int) -> None:
        self._task = self._progress.add_task(name, total=total)

    def advance(self, done: int) -> None:
        if self._task is not None:
            self._progress.advance(self._task, done)


class ProgressLines:
    """Progress in a file or pipe: a line every two seconds."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._name, self._total, self._done = "", 0, 0
        self._start = self._last_line = 0.0

    def __enter__(self) -> "ProgressLines":
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def note(self, text: str) -> None:
        self._console.print(text)

    def phase(self, name: str, total: int) -> None:
        self._name, self._total, self._done = name, total, 0
        self._start = self._last_line = time.monotonic()
        self._console.print(f"{name} ({_megabytes(total)})")

    def advance(self, done: int) -> None:
        self._done += done
        now = time.monotonic()
        if now - self._last_line < SECONDS_BETWEEN_LINES and self._done < self._total:
            return
        self._last_line = now
        rate = self._done / max(now - self._start, 0.001)
        left = (self._total - self._done) / max(rate, 1)
        self._console.print(
            f"{self._name}: {self._done * 100 // max(self._total, 1)} % of {_megabytes(self._total)},"
            f" {_megabytes(rate)}/s, {left:.0f} s left"
        )


def progress_on(console: Console) -> ProgressBar | ProgressLines:
    return ProgressBar(console) if console.is_terminal else ProgressLines(console)


def summary_table(path: Path, summary: Summary) -> Table:
    """What a load did: games, rows by table, oddities, seconds."""
    result = summary.result
    table = _table(f"{path.name}: {summary.games:,} games", "", "")
    _add_outcomes(table, result, summary.duplicates)
    table.add_section()
    for name, rows in result.tables.items():
        table.add_row(name, f"{rows:,}")
    if result.oddities:
        table.add_section()
        for oddity, count in sorted(result.oddities.items()):
            table.add_row(oddity, f"{count:,}")
    table.add_section()
    for phase, seconds in summary.seconds.items():
        table.add_row(f"seconds: {phase}", f"{seconds:.1f}")
    table.add_row("seconds of parsing, all processes", f"{result.parsing:.1f}")
    table.add_row("seconds of writing, all processes", f"{result.writing:.1f}")
    return table


def runs_table(runs: list[Run]) -> Table:
    """All loads: what became of each file's games, when, and how long it took."""
    table = _table("Loads, the newest first (times in UTC)", "run")
    table.add_column("file")
    table.add_column("games", justify="right")
    table.add_column("of which")
    table.add_column("rows", justify="right")
    table.add_column("started", no_wrap=True)
    table.add_column("took", justify="right")
    for run in runs:
        took = _took(run) if run.finished_at else f"{len(run.done)} of {run.chunks} chunks"
        started = run.started_at[:16].replace("T", " ")
        name = Text(Path(run.file).name, overflow="fold")
        table.add_row(str(run.id), name, f"{run.games:,}", _outcomes(run), f"{run.result.rows:,}", started, took)
    return table


def _outcomes(run: Run) -> str:
    names = {"added": "added", "changed": "changed", "unchanged": "unchanged", "kept": "kept", "rejects": "rejected"}
    counts = {name: getattr(run.result, field) for field, name in names.items()}
    return ", ".join(f"{count:,} {name}" for name, count in counts.items() if count) or "none yet"


def _took(run: Run) -> str:
    took = datetime.fromisoformat(str(run.finished_at)) - datetime.fromisoformat(run.started_at)
    return f"{took.total_seconds():,.1f} s"


def profile_table(path: Path, profile: FileProfile) -> Table:
    """What a file holds: entries, rows by table, oddities."""
    index, result = profile.index, profile.result
    table = _table(f"{path.name}: {index.size:,} bytes, lines end with {profile.line_ends}", "", "")
    table.add_row("entries", f"{len(index.starts):,}")
    table.add_row("duplicates (the last one wins)", f"{index.duplicates:,}")
    table.add_row("entries that a load would reject", f"{result.rejects:,}")
    table.add_section()
    for name, count in result.tables.items():
        table.add_row(f"rows for {name}", f"{count:,}")
    table.add_section()
    for oddity, count in sorted(result.oddities.items()):
        table.add_row(oddity, f"{count:,}")
    return table


def fields_table(profile: FileProfile) -> Table:
    """What the entries have in each field."""
    table = _table("Fields", "field", "entries", "empty", "longest", "types")
    for name, found in profile.fields.items():
        types = ", ".join(f"{kind} {count:,}" for kind, count in found.types.most_common())
        table.add_row(name, f"{found.present:,}", f"{found.empty:,}", f"{found.longest:,}", types)
    return table


def _add_outcomes(table: Table, result: Result, duplicates: int) -> None:
    outcomes: dict[str, Any] = {
        "games added": result.added,
        "games changed": result.changed,
        "games unchanged": result.unchanged,
        "products of developers, not touched": result.kept,
        "duplicates (the last one wins)": duplicates,
        "rejects": result.rejects,
        "rows written": result.rows,
    }
    for name, count in outcomes.items():
        table.add_row(name, f"{count:,}")


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", show_header=any(columns), min_width=len(title))
    for i, column in enumerate(columns):
        table.add_column(column, justify="right" if i else "left")
    return table


def _megabytes(count: float) -> str:
    return f"{count / 1e6:,.1f} MB"
