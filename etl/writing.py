"""Writes one chunk in one transaction, so that nobody sees half a game."""

import random
import time

from etl import runs
from etl.database.connection import Conflict, Connection, DuplicateKey
from etl.plan import Plan, Stored, plan
from etl.runs import Result
from etl.source.chunk import ParsedChunk
from etl.source.game import Game
from etl.source.index import Chunk
from etl.tables import DIGESTS, GENRES, LINKS, PARTS, PRODUCT_GENRES, Table

ATTEMPTS = 8
IDS_PER_STATEMENT = 500


def write_chunk(
    connection: Connection, run_id: int, chunk: Chunk, parsed: ParsedChunk, parsing: float
) -> Result | None:
    """Writes a chunk's games, and records that it is done. None if another process has done it.

    Tries up to eight times on Conflict. `parsing` is the seconds that parsing took, for the result.
    """
    _add_genres(connection, parsed.games)
    for attempt in range(1, ATTEMPTS):
        try:
            return _write_transaction(connection, run_id, chunk, parsed, parsing)
        except Conflict:
            time.sleep(random.uniform(0, 0.02 * 2**attempt))
    return _write_transaction(connection, run_id, chunk, parsed, parsing)


def _write_transaction(
    connection: Connection, run_id: int, chunk: Chunk, parsed: ParsedChunk, parsing: float
) -> Result | None:
    start = time.perf_counter()
    connection.begin()
    try:
        runs.begin_chunk(connection, run_id, chunk)
        planned = plan(parsed, _lock_stored(connection, [game.id for game in parsed.games]))
        _write(connection, planned)
        result = planned.result
        result.parsing, result.writing = parsing, time.perf_counter() - start
        runs.finish_chunk(connection, run_id, chunk, result, parsed.rejects)
        connection.commit()
    except DuplicateKey:
        connection.rollback()
        if runs.is_chunk_finished(connection, run_id, chunk):
            return None
        raise
    except BaseException:
        connection.rollback()
        raise
    return result


def _add_genres(connection: Connection, games: list[Game]) -> None:
    """Adds new genres, sorted, in their own transaction.

    Concurrent chunks have the same genres; in the chunks' transactions they would wait for each other.
    """
    genres = {row[1] for game in games for row in game.parts[PARTS.index(PRODUCT_GENRES)]}
    known = {name for (name,) in connection.execute("SELECT name FROM genres")}
    if genres - known:
        connection.begin()
        connection.insert_missing(GENRES, [(name,) for name in sorted(genres - known)])
        connection.commit()


def _lock_stored(connection: Connection, ids: list[int]) -> dict[int, Stored]:
    """What the catalogue holds of games, by id; locks their products."""
    stored = {}
    for i in range(0, len(ids), IDS_PER_STATEMENT):
        some = ids[i : i + IDS_PER_STATEMENT]
        query = (
            "SELECT id, publisher_id, discount_percent, COALESCE(digest, '') FROM products"
            f" LEFT JOIN etl_games ON product_id = id WHERE id IN ({_places(some)})"
        )
        for product_id, publisher_id, discount_percent, digest in connection.execute(
            connection.for_update(query), some
        ):
            stored[product_id] = Stored(publisher_id=publisher_id, discount_percent=discount_percent, digest=digest)
        withdrawn = f"SELECT product_id FROM withdrawn_products WHERE product_id IN ({_places(some)})"
        for (product_id,) in connection.execute(connection.for_update(withdrawn), some):
            stored[product_id] = Stored(publisher_id=None, discount_percent=0, digest="", withdrawn=True)
    return stored


def _write(connection: Connection, planned: Plan) -> None:
    for table in (*PARTS, DIGESTS):
        if table in LINKS:
            _delete(connection, table, planned.stale[table])
            connection.insert(table, planned.changed[table])
        else:
            connection.replace(table, planned.changed[table])
        connection.insert(table, planned.new[table])
    if planned.result.rows:  # tells the store that what it has counted is no longer right
        connection.execute("INSERT INTO catalogue_changes VALUES (NULL)")


def _delete(connection: Connection, table: Table, ids: list[int]) -> None:
    for i in range(0, len(ids), IDS_PER_STATEMENT):
        some = ids[i : i + IDS_PER_STATEMENT]
        connection.execute(f"DELETE FROM {table.name} WHERE product_id IN ({_places(some)})", some)


def _places(ids: list[int]) -> str:
    return ", ".join(["%s"] * len(ids))
