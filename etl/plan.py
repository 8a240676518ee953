"""Decides what to write of a chunk: compares its games with what the catalogue holds."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from etl.runs import Result
from etl.source.chunk import ParsedChunk
from etl.source.game import PART_LENGTH, Game
from etl.tables import DIGESTS, PARTS, PRODUCTS, Row, Table
from subgraphs.product.pricing import discounted_points


class Stored(NamedTuple):
    """What the catalogue holds of a game: who published it, its discount, and the digests of the last load."""

    publisher_id: str | None
    discount_percent: int
    digest: str
    withdrawn: bool = False
    """Whether the store does not offer it any more."""


class Plan(NamedTuple):
    """What to write so that the catalogue has a chunk's games as in the file."""

    new: dict[Table, list[Row]]
    """The rows of new games."""
    changed: dict[Table, list[Row]]
    """All rows of the changed games, in the tables in which they changed."""
    stale: dict[Table, list[int]]
    """The games whose links in a table are replaced."""
    result: Result


def plan(parsed: ParsedChunk, stored: Mapping[int, Stored]) -> Plan:
    """The plan for a chunk, given what is stored of its games, by id."""
    planned = Plan(defaultdict(list), defaultdict(list), defaultdict(list), count_rows(parsed))
    for game in parsed.games:
        before = stored.get(game.id)
        if before is None:
            planned.result.added += 1
            _plan_new(planned, game)
        elif before.publisher_id is not None or before.withdrawn:
            planned.result.kept += 1
        elif before.digest == game.digest:
            planned.result.unchanged += 1
        else:
            planned.result.changed += 1
            _plan_change(planned, game, before)
    planned.result.rows = sum(map(len, [*planned.new.values(), *planned.changed.values()]))
    return planned


def count_rows(parsed: ParsedChunk) -> Result:
    """What a chunk holds."""
    tables = Counter[str]()
    for game in parsed.games:
        for table, rows in zip(PARTS, game.parts, strict=True):
            tables[table.name] += len(rows)
    return Result(rejects=len(parsed.rejects), tables=tables, oddities=parsed.oddities)


def _plan_new(planned: Plan, game: Game) -> None:
    for table, rows in zip(PARTS, game.parts, strict=True):
        planned.new[table] += _priced(rows, 0) if table is PRODUCTS else rows
    planned.new[DIGESTS].append((game.id, game.digest))


def _plan_change(planned: Plan, game: Game, before: Stored) -> None:
    for i, (table, rows) in enumerate(zip(PARTS, game.parts, strict=True)):
        part = slice(i * PART_LENGTH, (i + 1) * PART_LENGTH)
        if before.digest[part] != game.digest[part]:
            planned.changed[table] += _priced(rows, before.discount_percent) if table is PRODUCTS else rows
            planned.stale[table].append(game.id)
    planned.changed[DIGESTS].append((game.id, game.digest))


def _priced(products: list[Row], discount_percent: int) -> list[Row]:
    """Rows of products with the discount that the store gave, and the price to pay with it."""
    usd = PRODUCTS.columns.index("usd")
    return [(*row, discount_percent, discounted_points(Decimal(row[usd]), discount_percent)) for row in products]
