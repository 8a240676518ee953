"""What a command prints: progress, and tables."""

import time
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
    table = _table("Loads, the newest first", "run", "file", "content", "chunks", "games")
    for column in ("added", "changed", "unchanged", "kept", "rejects", "rows", "started", "finished"):
        table.add_column(column, justify="right")
    for run in runs:
        result = run.result
        counts = (result.added, result.changed, result.unchanged, result.kept, result.rejects, result.rows)
        table.add_row(
            str(run.id),
            Path(run.file).name,
            run.fingerprint[:12],
            f"{len(run.done)}/{run.chunks}",
            f"{run.games:,}",
            *(f"{count:,}" for count in counts),
            run.started_at[:19],
            (run.finished_at or "not yet")[:19],
        )
    return table


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


def genres_table(profile: FileProfile) -> Table:
    table = _table("Genres", "genre", "games")
    for genre, count in profile.genres.most_common():
        table.add_row(genre, f"{count:,}")
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
