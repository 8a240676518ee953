"""A whole load: from a file to the catalogue."""

import json
import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy.engine import URL

from etl import records, work
from etl.chunk import Reject
from etl.errors import StrictError
from etl.layout import Block, Layout, read_layout
from etl.pool import Pool
from etl.progress import Progress, Silence
from etl.records import Result, Run
from etl.target import open_for_loading, target_of

CHUNK_SIZE = 16 << 20
"""Bytes of the file that are parsed at once and written in one transaction."""


@dataclass
class Summary:
    """What a load did. Rows and rejects are those of the whole run, resumed parts included."""

    games: int
    duplicates: int
    result: Result = field(default_factory=Result)
    rejects: list[Reject] = field(default_factory=list)
    rejects_file: Path | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    """By phase, of this process."""
    resumed_chunks: int = 0


def load(
    path: Path,
    url: URL,
    *,
    workers: int | None = None,
    chunk_size: int = CHUNK_SIZE,
    strict: bool = False,
    rejects_file: Path | None = None,
    progress: Progress | None = None,
) -> Summary:
    """Loads a games file into the product subgraph's database, or goes on with a load that was ended.

    `workers` processes parse and write side by side; by default as many as there are CPUs, at least two.
    A file of one chunk is loaded in this process. Blocking: call it from a thread where an event loop runs.
    Raises OSError, FileError (nothing was written), StrictError (nothing either), TargetError, and the
    driver's errors.
    """
    progress = progress or Silence()
    clock = _Clock()
    with Pool(worker_count(path, workers, chunk_size)) as pool:
        layout = find_games(path, pool, progress)
        clock.lap("layout")
        if strict:
            _refuse_rejects(check(layout, pool, chunk_size, progress), rejects_file)
            clock.lap("check")
        summary = _write(layout, url, pool, chunk_size, progress, clock)
    summary.seconds = clock.laps
    summary.rejects_file = write_rejects(summary.rejects, rejects_file)
    return summary


def dry_run(
    path: Path,
    *,
    workers: int | None = None,
    chunk_size: int = CHUNK_SIZE,
    strict: bool = False,
    rejects_file: Path | None = None,
    progress: Progress | None = None,
) -> Summary:
    """Parses a whole file as `load` does, without a database. Raises OSError, FileError and StrictError."""
    progress = progress or Silence()
    clock = _Clock()
    with Pool(worker_count(path, workers, chunk_size)) as pool:
        layout = find_games(path, pool, progress)
        clock.lap("layout")
        summary = check(layout, pool, chunk_size, progress)
        clock.lap("check")
    if strict:
        _refuse_rejects(summary, rejects_file)
    summary.seconds = clock.laps
    summary.rejects_file = write_rejects(summary.rejects, rejects_file)
    return summary


def check(layout: Layout, pool: Pool, chunk_size: int, progress: Progress) -> Summary:
    """Parses all chunks and writes nothing."""
    summary = Summary(len(layout.starts), layout.duplicates)
    chunks = list(layout.chunks(chunk_size))
    progress.phase("Checking", sum(chunk.size for chunk in chunks))
    for chunk, result, rejects in pool.each(work.check, [layout.path] * len(chunks), chunks):
        summary.result += result
        summary.rejects += rejects
        progress.advance(chunk.size)
    summary.rejects.sort(key=lambda reject: reject.byte)
    return summary


def write_rejects(rejects: Iterable[Reject], file: Path | None) -> Path | None:
    """Writes the rejects as JSON Lines; removes what an earlier load left there when there are none."""
    if file is None:
        return None
    lines = [json.dumps({"appId": r.app_id, "byte": r.byte, "reason": r.reason}) + "\n" for r in rejects]
    if not lines:
        file.unlink(missing_ok=True)
        return None
    file.write_text("".join(lines), "utf-8")
    return file


def worker_count(path: Path, workers: int | None, chunk_size: int) -> int:
    wanted = workers or max(2, os.cpu_count() or 1)
    return min(wanted, path.stat().st_size // chunk_size + 1)


def find_games(path: Path, pool: Pool, progress: Progress) -> Layout:
    """The file's layout, found by all workers side by side."""
    progress.phase("Finding the games", path.stat().st_size)

    def scanned(function: Callable[..., Block], *arguments: Iterable[Any]) -> Iterator[Block]:
        for block in pool.map(function, *arguments):
            progress.advance(block.size)
            yield block

    return read_layout(path, scanned)


def _refuse_rejects(checked: Summary, file: Path | None) -> None:
    if checked.rejects:
        written = write_rejects(checked.rejects, file)
        first = checked.rejects[0]
        raise StrictError(
            f"{len(checked.rejects):,} bad entries, the first at byte {first.byte:,} (app id {first.app_id}):"
            f" {first.reason}. Nothing was loaded.{f' All of them: {written}' if written else ''}"
        )


def _write(layout: Layout, url: URL, pool: Pool, chunk_size: int, progress: Progress, clock: "_Clock") -> Summary:
    store = open_for_loading(url)
    try:
        run = records.unfinished(store, layout.fingerprint) or records.start(store, layout, chunk_size)
        summary = Summary(len(layout.starts), layout.duplicates, resumed_chunks=len(run.done))
        if store.notice:
            progress.note(store.notice)
        if run.done:
            progress.note(f"Going on with run {run.id}: {len(run.done)} of {run.chunks} chunks are done.")
        clock.lap("database")
        _write_chunks(layout, url, pool, run, progress)
        records.finish(store, run)
        clock.lap("load")
        summary.result = records.results(store, run)
        summary.rejects = records.rejects_of(store, run)
        return summary
    finally:
        store.close()


def _write_chunks(layout: Layout, url: URL, pool: Pool, run: Run, progress: Progress) -> None:
    chunks = list(layout.chunks(run.chunk_size))
    left = [chunk for chunk in chunks if chunk.number not in run.done]
    progress.phase("Loading", sum(chunk.size for chunk in chunks))
    progress.advance(sum(chunk.size for chunk in chunks if chunk.number in run.done))
    n = len(left)
    try:
        for chunk, _ in pool.each(work.load, [layout.path] * n, left, [target_of(url)] * n, [run.id] * n):
            progress.advance(chunk.size)
    finally:
        work.disconnect()


class _Clock:
    """Seconds by phase."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._at = time.perf_counter()

    def lap(self, phase: str) -> None:
        now = time.perf_counter()
        self.laps[phase], self._at = now - self._at, now
