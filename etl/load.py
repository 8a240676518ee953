"""A whole load: from a file to the catalogue."""

import json
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy.engine import URL

from etl import runs, worker
from etl.catalogue import open_for_loading, parameters_of
from etl.errors import StrictError
from etl.pool import Pool
from etl.progress import NoProgress, Progress
from etl.runs import Result, Run
from etl.source.archive import unpacked
from etl.source.chunk import Reject
from etl.source.index import Block, FileIndex, index_file

CHUNK_SIZE = 16 << 20
"""Bytes of the file that are written in one transaction."""


@dataclass
class Summary:
    """What a load did. Result and rejects are those of the whole run, including what it resumed."""

    games: int
    duplicates: int
    result: Result = field(default_factory=Result)
    rejects: list[Reject] = field(default_factory=list)
    rejects_file: Path | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    """By phase, in this process."""
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
    """Loads a games file into the product subgraph's database, or resumes an interrupted load.

    `workers` processes parse and write in parallel; the default is one per CPU, and at least two. A file of one
    chunk is loaded in this process. Blocks: call it from a thread where an event loop runs.
    Raises OSError, EtlError (FileError and StrictError: nothing was written), and the driver's errors.
    """
    progress = progress or NoProgress()
    stopwatch = _Stopwatch()
    with indexed(path, workers, chunk_size, progress) as (index, pool):
        stopwatch.lap("index")
        if strict:
            _refuse_rejects(check(index, pool, chunk_size, progress), rejects_file)
            stopwatch.lap("check")
        summary = _load(path, index, url, pool, chunk_size, progress, stopwatch)
    summary.seconds = stopwatch.laps
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
    """Parses a whole file as `load` does, without a database. Raises OSError and EtlError."""
    progress = progress or NoProgress()
    stopwatch = _Stopwatch()
    with indexed(path, workers, chunk_size, progress) as (index, pool):
        stopwatch.lap("index")
        summary = check(index, pool, chunk_size, progress)
        stopwatch.lap("check")
    if strict:
        _refuse_rejects(summary, rejects_file)
    summary.seconds = stopwatch.laps
    summary.rejects_file = write_rejects(summary.rejects, rejects_file)
    return summary


def check(index: FileIndex, pool: Pool, chunk_size: int, progress: Progress) -> Summary:
    """Parses all chunks and writes nothing."""
    summary = Summary(len(index.starts), index.duplicates)
    chunks = list(index.chunks(chunk_size))
    progress.phase("Checking", sum(chunk.size for chunk in chunks))
    for chunk, result, rejects in pool.each(worker.check_chunk, [index.path] * len(chunks), chunks):
        summary.result += result
        summary.rejects += rejects
        progress.advance(chunk.size)
    summary.rejects.sort(key=lambda reject: reject.byte)
    return summary


def write_rejects(rejects: Iterable[Reject], file: Path | None) -> Path | None:
    """Writes rejects as JSON Lines, and returns the file. Without rejects it removes an earlier load's file."""
    if file is None:
        return None
    lines = [json.dumps({"appId": r.app_id, "byte": r.byte, "reason": r.reason}) + "\n" for r in rejects]
    if not lines:
        file.unlink(missing_ok=True)
        return None
    file.write_text("".join(lines), "utf-8")
    return file


@contextmanager
def indexed(path: Path, workers: int | None, chunk_size: int, progress: Progress) -> Iterator[tuple[FileIndex, Pool]]:
    """The index of a file or of an archive's content, and the processes that read it. Raises OSError and EtlError."""
    with unpacked(path, progress) as file, Pool(_worker_count(file, workers, chunk_size)) as pool:
        yield _index(file, pool, progress), pool


def _worker_count(path: Path, workers: int | None, chunk_size: int) -> int:
    """How many processes a load uses: no more than the file has chunks."""
    wanted = workers or max(2, os.cpu_count() or 1)
    return min(wanted, path.stat().st_size // chunk_size + 1)


def _index(path: Path, pool: Pool, progress: Progress) -> FileIndex:
    progress.phase("Finding the games", path.stat().st_size)

    def map_blocks(function: Callable[..., Block], *arguments: Iterable[Any]) -> Iterator[Block]:
        for block in pool.map(function, *arguments):
            progress.advance(block.size)
            yield block

    return index_file(path, map_blocks)


def _refuse_rejects(checked: Summary, file: Path | None) -> None:
    if checked.rejects:
        written = write_rejects(checked.rejects, file)
        first = checked.rejects[0]
        raise StrictError(
            f"{len(checked.rejects):,} bad entries, the first at byte {first.byte:,} (app id {first.app_id}):"
            f" {first.reason}. Nothing was loaded.{f' All bad entries: {written}' if written else ''}"
        )


def _load(
    path: Path, index: FileIndex, url: URL, pool: Pool, chunk_size: int, progress: Progress, stopwatch: "_Stopwatch"
) -> Summary:
    connection = open_for_loading(url)
    try:
        run = runs.unfinished(connection, index.fingerprint) or runs.start(connection, path, index, chunk_size)
        summary = Summary(len(index.starts), index.duplicates, resumed_chunks=len(run.done))
        if connection.notice:
            progress.note(connection.notice)
        if run.done:
            progress.note(f"Resuming run {run.id}: {len(run.done)} of {run.chunks} chunks are done.")
        stopwatch.lap("database")
        _load_chunks(index, url, pool, run, progress)
        runs.finish(connection, run)
        stopwatch.lap("load")
        summary.result = runs.result_of(connection, run)
        summary.rejects = runs.rejects_of(connection, run)
        return summary
    finally:
        connection.close()


def _load_chunks(index: FileIndex, url: URL, pool: Pool, run: Run, progress: Progress) -> None:
    chunks = list(index.chunks(run.chunk_size))
    left = [chunk for chunk in chunks if chunk.number not in run.done]
    progress.phase("Loading", sum(chunk.size for chunk in chunks))
    progress.advance(sum(chunk.size for chunk in chunks if chunk.number in run.done))
    n = len(left)
    try:
        loaded = pool.each(worker.load_chunk, [index.path] * n, left, [parameters_of(url)] * n, [run.id] * n)
        for chunk, _ in loaded:
            progress.advance(chunk.size)
    finally:
        worker.disconnect()


class _Stopwatch:
    """Measures the seconds of each phase."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._start = time.perf_counter()

    def lap(self, phase: str) -> None:
        now = time.perf_counter()
        self.laps[phase], self._start = now - self._start, now
