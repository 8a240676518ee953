"""The records of loads: runs, their finished chunks and their rejects.

Their tables, and that of the games' digests, are in the catalogue's database. The load creates them itself,
since they belong to no release of the subgraph.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from etl.database.connection import Connection
from etl.source.chunk import Reject
from etl.source.index import Chunk, FileIndex
from etl.tables import REJECTS

# Not `etl_chunks`: a database may still have an older table of that name with other columns.
TABLES = (
    """CREATE TABLE IF NOT EXISTS etl_runs (
        id {serial}, file VARCHAR(1000) NOT NULL, fingerprint {key} NOT NULL, bytes {big} NOT NULL,
        chunk_size {big} NOT NULL, chunks INTEGER NOT NULL, games INTEGER NOT NULL, started_at {key} NOT NULL,
        finished_at {key}) {options}""",
    """CREATE TABLE IF NOT EXISTS etl_run_chunks (
        run_id {big} NOT NULL, number INTEGER NOT NULL, result TEXT NOT NULL, finished_at {key} NOT NULL,
        PRIMARY KEY (run_id, number)) {options}""",
    """CREATE TABLE IF NOT EXISTS etl_rejects (
        run_id {big} NOT NULL, byte {big} NOT NULL, app_id VARCHAR(100) NOT NULL,
        reason VARCHAR(500) NOT NULL, PRIMARY KEY (run_id, byte)) {options}""",
    """CREATE TABLE IF NOT EXISTS etl_games (
        product_id {big} NOT NULL PRIMARY KEY, digest {key} NOT NULL) {options}""",
)

RUN_COLUMNS = (
    "id", "file", "fingerprint", "bytes", "chunk_size", "chunks", "games", "started_at", "finished_at",
)  # fmt: skip
"""They are also the fields of a Run."""


class Result(msgspec.Struct):
    """The result of a chunk, or the sum over the chunks of a run."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    kept: int = 0
    """Products that developers published in the store: the load does not touch them."""
    rejects: int = 0
    rows: int = 0
    """Rows written, in all tables."""
    tables: dict[str, int] = msgspec.field(default_factory=dict)
    """Rows of the file's games by table, written or not."""
    oddities: dict[str, int] = msgspec.field(default_factory=dict)
    parsing: float = 0.0
    """Seconds of parsing, summed over all processes."""
    writing: float = 0.0
    """Seconds of writing, summed over all processes."""

    def __add__(self, other: "Result") -> "Result":
        def added(name: str) -> Any:
            mine, theirs = getattr(self, name), getattr(other, name)
            return dict(Counter(mine) + Counter(theirs)) if isinstance(mine, dict) else mine + theirs

        return Result(**{name: added(name) for name in self.__struct_fields__})


@dataclass
class Run:
    """A load of one file. While it is unfinished and the newest, the next load of the file resumes it."""

    id: int
    file: str
    fingerprint: str
    bytes: int
    chunk_size: int
    chunks: int
    games: int
    started_at: str
    finished_at: str | None = None
    done: dict[int, Result] = field(default_factory=dict)
    """The results of its finished chunks, by number."""

    @property
    def result(self) -> Result:
        return sum(self.done.values(), Result())


def create_tables(connection: Connection) -> None:
    """Creates the tables that are missing."""
    for table in TABLES:
        connection.execute(table.format(**connection.column_types))


def all_runs(connection: Connection) -> list[Run]:
    """Every run, the newest first."""
    rows = connection.execute(f"SELECT {', '.join(RUN_COLUMNS)} FROM etl_runs ORDER BY id DESC")
    return [Run(**dict(zip(RUN_COLUMNS, row, strict=True)), done=_results(connection, row[0])) for row in rows]


def unfinished(connection: Connection, fingerprint: str) -> Run | None:
    """The newest run, if it is of this content and unfinished.

    An older run is not resumed: its chunks would mix with what was loaded since.
    """
    newest = all_runs(connection)[:1]
    return next((run for run in newest if run.fingerprint == fingerprint and not run.finished_at), None)


def start(connection: Connection, path: Path, index: FileIndex, chunk_size: int) -> Run:
    """Records a new run of the file that was given."""
    columns: dict[str, Any] = {
        "file": str(path)[:1000],
        "fingerprint": index.fingerprint,
        "bytes": index.size,
        "chunk_size": chunk_size,
        "chunks": len(list(index.chunks(chunk_size))),
        "games": len(index.starts),
        "started_at": now(),
    }
    places = ", ".join(["%s"] * len(columns))
    connection.begin()
    connection.execute(f"INSERT INTO etl_runs ({', '.join(columns)}) VALUES ({places})", tuple(columns.values()))
    run_id = connection.execute("SELECT MAX(id) FROM etl_runs")[0][0]
    connection.commit()
    return Run(id=run_id, **columns)


def finish(connection: Connection, run: Run) -> None:
    run.finished_at = now()
    connection.begin()
    connection.execute("UPDATE etl_runs SET finished_at = %s WHERE id = %s", (run.finished_at, run.id))
    connection.commit()


def begin_chunk(connection: Connection, run_id: int, chunk: Chunk) -> None:
    """Reserves a chunk in the current transaction. A second one waits here, then gets DuplicateKey."""
    connection.execute("INSERT INTO etl_run_chunks VALUES (%s, %s, '', %s)", (run_id, chunk.number, now()))


def finish_chunk(connection: Connection, run_id: int, chunk: Chunk, result: Result, rejects: list[Reject]) -> None:
    """Records a chunk's result, in the transaction that wrote its rows: both are committed, or neither."""
    connection.insert(REJECTS, [(run_id, reject.byte, reject.app_id, reject.reason) for reject in rejects])
    connection.execute(
        "UPDATE etl_run_chunks SET result = %s, finished_at = %s WHERE run_id = %s AND number = %s",
        (msgspec.json.encode(result).decode(), now(), run_id, chunk.number),
    )


def is_chunk_finished(connection: Connection, run_id: int, chunk: Chunk) -> bool:
    sql = "SELECT 1 FROM etl_run_chunks WHERE run_id = %s AND number = %s"
    return bool(connection.execute(sql, (run_id, chunk.number)))


def result_of(connection: Connection, run: Run) -> Result:
    """What all processes have done for a run so far."""
    return sum(_results(connection, run.id).values(), Result())


def rejects_of(connection: Connection, run: Run) -> list[Reject]:
    """The rejects of a run, in the file's order."""
    sql = "SELECT byte, app_id, reason FROM etl_rejects WHERE run_id = %s ORDER BY byte"
    return [
        Reject(byte=byte, app_id=app_id, reason=reason) for byte, app_id, reason in connection.execute(sql, (run.id,))
    ]


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _results(connection: Connection, run_id: int) -> dict[int, Result]:
    chunks = connection.execute("SELECT number, result FROM etl_run_chunks WHERE run_id = %s", (run_id,))
    return {number: msgspec.json.decode(result, type=Result) for number, result in chunks}
