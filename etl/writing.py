"""The writing of one chunk, in one transaction: nobody ever sees half of a game."""

import random
import time
from collections import Counter, defaultdict
from decimal import Decimal
from typing import NamedTuple

from etl import records
from etl.chunk import Parsed
from etl.game import PART_LENGTH, Game
from etl.layout import Chunk
from etl.records import Result
from etl.store import Conflict, Duplicate, Store
from etl.tables import GENRES, LINKS, PARTS, PRODUCTS, STATES, Row, Table
from subgraphs.product.pricing import discounted_points

ATTEMPTS = 8
IDS_PER_STATEMENT = 500


class Known(NamedTuple):
    """What the database has of a game: who published it, its discount, and what was written last."""

    publisher_id: str | None
    discount_percent: int
    digest: str


class Plan(NamedTuple):
    """What has to be written so that the catalogue has a chunk's games as the file has them."""

    new: dict[Table, list[Row]]
    changed: dict[Table, list[Row]]
    """All rows that the changed games shall have in a table in which something of them changed."""
    stale: dict[Table, list[int]]
    """The games whose link rows in a table are to be deleted first."""
    result: Result


def write_chunk(store: Store, run_id: int, chunk: Chunk, parsed: Parsed, parsing: float) -> Result | None:
    """Writes a chunk's games and the record that it is done. None: another process has done it.

    Waits and tries again, a bounded number of times, where the store asks for that (Conflict).
    """
    _add_genres(store, parsed.games)
    for attempt in range(1, ATTEMPTS):
        try:
            return _write_once(store, run_id, chunk, parsed, parsing)
        except Conflict:
            time.sleep(random.uniform(0, 0.02 * 2**attempt))
    return _write_once(store, run_id, chunk, parsed, parsing)


def plan(store: Store, parsed: Parsed) -> Plan:
    """Compares a chunk's games with what is known of them. Locks the products that are there already."""
    known = _known(store, [game.id for game in parsed.games])
    made = Plan(defaultdict(list), defaultdict(list), defaultdict(list), counted(parsed))
    for game in parsed.games:
        before = known.get(game.id)
        if before is None:
            made.result.added += 1
            _plan_new(made, game)
        elif before.publisher_id is not None:
            made.result.kept += 1
        elif before.digest == game.digest:
            made.result.unchanged += 1
        else:
            made.result.changed += 1
            _plan_change(made, game, before)
    made.result.rows = sum(map(len, [*made.new.values(), *made.changed.values()]))
    return made


def _write_once(store: Store, run_id: int, chunk: Chunk, parsed: Parsed, parsing: float) -> Result | None:
    began = time.perf_counter()
    store.begin()
    try:
        records.claim(store, run_id, chunk)
        made = plan(store, parsed)
        _write(store, made)
        made.result.parsing, made.result.writing = parsing, time.perf_counter() - began
        records.done(store, run_id, chunk, made.result, parsed.rejects)
        store.commit()
    except Duplicate:
        store.rollback()
        if records.is_done(store, run_id, chunk):
            return None
        raise
    except BaseException:
        store.rollback()
        raise
    return made.result


def _add_genres(store: Store, games: list[Game]) -> None:
    """Adds new genres in a transaction of their own, in one order.

    Chunks written side by side have the same genres: in their transactions they would wait for each other.
    """
    genres = {row[1] for game in games for row in game.parts[PARTS.index(LINKS[0])]}
    known = {name for (name,) in store.run("SELECT name FROM genres")}
    if genres - known:
        store.begin()
        store.add_missing(GENRES, [(name,) for name in sorted(genres - known)])
        store.commit()


def _known(store: Store, ids: list[int]) -> dict[int, Known]:
    known = {}
    for i in range(0, len(ids), IDS_PER_STATEMENT):
        some = ids[i : i + IDS_PER_STATEMENT]
        found = store.run(
            store.locking(
                "SELECT id, publisher_id, discount_percent, COALESCE(digest, '') FROM products"
                f" LEFT JOIN etl_games ON product_id = id WHERE id IN ({_places(some)})"
            ),
            some,
        )
        known.update({row[0]: Known(*row[1:]) for row in found})
    return known


def counted(parsed: Parsed) -> Result:
    """How much there is in a chunk."""
    tables = Counter[str]()
    for game in parsed.games:
        for table, rows in zip(PARTS, game.parts, strict=True):
            tables[table.name] += len(rows)
    return Result(rejects=len(parsed.rejects), tables=tables, oddities=parsed.oddities)


def _plan_new(made: Plan, game: Game) -> None:
    for table, rows in zip(PARTS, game.parts, strict=True):
        made.new[table] += _priced(rows, 0) if table is PRODUCTS else rows
    made.new[STATES].append((game.id, game.digest))


def _plan_change(made: Plan, game: Game, before: Known) -> None:
    for i, (table, rows) in enumerate(zip(PARTS, game.parts, strict=True)):
        part = slice(i * PART_LENGTH, (i + 1) * PART_LENGTH)
        if before.digest[part] != game.digest[part]:
            made.changed[table] += _priced(rows, before.discount_percent) if table is PRODUCTS else rows
            made.stale[table].append(game.id)
    made.changed[STATES].append((game.id, game.digest))


def _priced(products: list[Row], discount_percent: int) -> list[Row]:
    """Products' rows with the store's discount and what is to pay with it."""
    usd = PRODUCTS.columns.index("usd")
    return [(*row, discount_percent, discounted_points(Decimal(row[usd]), discount_percent)) for row in products]


def _write(store: Store, made: Plan) -> None:
    for table in (*PARTS, STATES):
        if table in LINKS:
            _delete(store, table, made.stale[table])
            store.put(table, made.changed[table])
            store.put(table, made.new[table])
        else:
            store.replace(table, made.changed[table])
            store.put(table, made.new[table])


def _delete(store: Store, table: Table, ids: list[int]) -> None:
    for i in range(0, len(ids), IDS_PER_STATEMENT):
        some = ids[i : i + IDS_PER_STATEMENT]
        store.run(f"DELETE FROM {table.name} WHERE product_id IN ({_places(some)})", some)


def _places(ids: list[int]) -> str:
    return ", ".join(["%s"] * len(ids))
