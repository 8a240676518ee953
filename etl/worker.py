"""What a worker process does with a chunk."""

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from etl import pool
from etl.database.connect import connect
from etl.database.connection import Connection, ConnectionParameters
from etl.plan import count_rows
from etl.runs import Result
from etl.source.chunk import ParsedChunk, Reject, parse
from etl.source.index import Chunk
from etl.writing import write_chunk

_connections: dict[ConnectionParameters, Connection] = {}
"""This process's open connections."""


@contextmanager
def no_garbage_collection() -> Iterator[None]:
    """Pauses the garbage collector. Rows form no cycles, and scanning millions of them takes half of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@no_garbage_collection()
def check_chunk(path: Path, chunk: Chunk) -> tuple[Chunk, Result, list[Reject]]:
    """Parses a chunk and writes nothing."""
    parsed, seconds = _parse(path, chunk)
    result = count_rows(parsed)
    result.parsing = seconds
    return chunk, result, parsed.rejects


@no_garbage_collection()
def load_chunk(path: Path, chunk: Chunk, parameters: ConnectionParameters, run_id: int) -> tuple[Chunk, Result | None]:
    """Parses a chunk and writes it. The result is None if another process has written it."""
    parsed, seconds = _parse(path, chunk)
    # SQLite has one writer, and polls for it; waiting for a lock is fairer and faster.
    with pool.write_lock if parameters.engine == "sqlite" else nullcontext():
        return chunk, write_chunk(_connection(parameters), run_id, chunk, parsed, seconds)


def disconnect() -> None:
    """Closes this process's connections. A worker process need not: its end closes them."""
    while _connections:
        _connections.popitem()[1].close()


def _connection(parameters: ConnectionParameters) -> Connection:
    if parameters not in _connections:
        _connections[parameters] = connect(parameters)
    return _connections[parameters]


def _parse(path: Path, chunk: Chunk) -> tuple[ParsedChunk, float]:
    start = time.perf_counter()
    return parse(path, chunk), time.perf_counter() - start
