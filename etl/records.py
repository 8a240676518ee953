"""The load's own tables, beside the catalogue's: runs, their chunks and rejects, and the games' digests.

The load makes them itself, where they are missing: they belong to no release of the subgraph.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec

from etl.chunk import Reject
from etl.layout import Chunk, Layout
from etl.store import Store
from etl.tables import REJECTS

# `etl_run_chunks` has a name of its own, as an older `etl_chunks` of another shape may stand in a database.
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
"""The fields of a Run, too."""


class Result(msgspec.Struct):
    """What became of a chunk, or, added up, of a run."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    kept: int = 0
    """Left alone: published in the store by a developer."""
    rejects: int = 0
    rows: int = 0
    """Written, in all tables."""
    tables: dict[str, int] = msgspec.field(default_factory=dict)
    """Rows that the file's games have, by table, whether they had to be written or not."""
    oddities: dict[str, int] = msgspec.field(default_factory=dict)
    parsing: float = 0.0
    """Seconds of work, all processes together."""
    writing: float = 0.0

    def __add__(self, other: "Result") -> "Result":
        def added(name: str) -> Any:
            mine, theirs = getattr(self, name), getattr(other, name)
            return dict(Counter(mine) + Counter(theirs)) if isinstance(mine, dict) else mine + theirs

        return Result(**{name: added(name) for name in self.__struct_fields__})


@dataclass
class Run:
    """A load of one file. It is resumed, not started again, as long as it is unfinished and the newest."""

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


def prepare(store: Store) -> None:
    """Creates the tables that are missing."""
    for table in TABLES:
        store.run(table.format(**store.ddl))


def all_runs(store: Store) -> list[Run]:
    """Every run, the newest first."""
    rows = store.run(f"SELECT {', '.join(RUN_COLUMNS)} FROM etl_runs ORDER BY id DESC")
    return [Run(**dict(zip(RUN_COLUMNS, row, strict=True)), done=_done(store, row[0])) for row in rows]


def unfinished(store: Store, fingerprint: str) -> Run | None:
    """The newest run, if it is of this very content and was not finished.

    An older one must not go on: what was loaded since would be mixed with it.
    """
    newest = all_runs(store)[:1]
    return next((run for run in newest if run.fingerprint == fingerprint and not run.finished_at), None)


def start(store: Store, layout: Layout, chunk_size: int) -> Run:
    chunks = len(list(layout.chunks(chunk_size)))
    run = (
        str(layout.path)[:1000],
        layout.fingerprint,
        layout.size,
        chunk_size,
        chunks,
        len(layout.starts),
        now(),
    )
    store.begin()
    store.run(
        "INSERT INTO etl_runs (file, fingerprint, bytes, chunk_size, chunks, games, started_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s)",
        run,
    )
    run_id = store.run("SELECT MAX(id) FROM etl_runs")[0][0]
    store.commit()
    return Run(run_id, *run)


def claim(store: Store, run_id: int, chunk: Chunk) -> None:
    """Takes a chunk for the running transaction: another one that wants it waits, then gets Duplicate."""
    store.run("INSERT INTO etl_run_chunks VALUES (%s, %s, '', %s)", (run_id, chunk.number, now()))


def is_done(store: Store, run_id: int, chunk: Chunk) -> bool:
    sql = "SELECT 1 FROM etl_run_chunks WHERE run_id = %s AND number = %s"
    return bool(store.run(sql, (run_id, chunk.number)))


def done(store: Store, run_id: int, chunk: Chunk, result: Result, rejects: list[Reject]) -> None:
    """Records a chunk's result: in the transaction that wrote its rows, so that both stand or neither."""
    store.put(REJECTS, [(run_id, reject.byte, reject.app_id, reject.reason) for reject in rejects])
    store.run(
        "UPDATE etl_run_chunks SET result = %s, finished_at = %s WHERE run_id = %s AND number = %s",
        (msgspec.json.encode(result).decode(), now(), run_id, chunk.number),
    )


def finish(store: Store, run: Run) -> None:
    run.finished_at = now()
    store.begin()
    store.run("UPDATE etl_runs SET finished_at = %s WHERE id = %s", (run.finished_at, run.id))
    store.commit()


def results(store: Store, run: Run) -> Result:
    """What a run has done so far, whichever process did it."""
    return sum(_done(store, run.id).values(), Result())


def rejects_of(store: Store, run: Run) -> list[Reject]:
    """The rejects of a run in the file's order."""
    found = store.run("SELECT byte, app_id, reason FROM etl_rejects WHERE run_id = %s ORDER BY byte", (run.id,))
    return [Reject(*reject) for reject in found]


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _done(store: Store, run_id: int) -> dict[int, Result]:
    chunks = store.run("SELECT number, result FROM etl_run_chunks WHERE run_id = %s", (run_id,))
    return {number: msgspec.json.decode(result, type=Result) for number, result in chunks}
