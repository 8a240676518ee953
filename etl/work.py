"""What a worker process does with a chunk."""

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from etl import chunk as chunks
from etl import pool
from etl.chunk import Parsed, Reject
from etl.layout import Chunk
from etl.records import Result
from etl.store import Store, Target, connect
from etl.writing import counted, write_chunk

_stores: dict[Target, Store] = {}
"""The process's own connections."""


@contextmanager
def no_garbage_collection() -> Iterator[None]:
    """Rows make no cycles, and looking for some among millions of them takes half of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@no_garbage_collection()
def check(path: Path, chunk: Chunk) -> tuple[Chunk, Result, list[Reject]]:
    """Parses a chunk and writes nothing."""
    parsed, seconds = _parse(path, chunk)
    result = counted(parsed)
    result.parsing = seconds
    return chunk, result, parsed.rejects


@no_garbage_collection()
def load(path: Path, chunk: Chunk, target: Target, run_id: int) -> tuple[Chunk, Result | None]:
    """Parses a chunk and writes it. The result is None where the chunk has been done elsewhere."""
    parsed, seconds = _parse(path, chunk)
    # SQLite has one writer: waiting for a lock is fairer and quicker than its polling for the file.
    with pool.one_at_a_time if target.kind == "sqlite" else nullcontext():
        return chunk, write_chunk(_store(target), run_id, chunk, parsed, seconds)


def disconnect() -> None:
    """Closes this process's connections. A worker process does that by ending."""
    while _stores:
        _stores.popitem()[1].close()


def _store(target: Target) -> Store:
    if target not in _stores:
        _stores[target] = connect(target)
    return _stores[target]


def _parse(path: Path, chunk: Chunk) -> tuple[Parsed, float]:
    began = time.perf_counter()
    return chunks.parse(path, chunk), time.perf_counter() - began
