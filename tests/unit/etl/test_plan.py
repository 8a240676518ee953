"""What a load decides to write of a chunk, given what the catalogue holds."""

import json
from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from etl.plan import Plan, Stored, plan
from etl.source.chunk import ParsedChunk
from etl.source.entry import decode
from etl.source.game import Game, game_of
from etl.tables import DIGESTS, LINKS, PARTS, PRODUCTS, WORDS, Row, Table


def game(app_id: int = 1, **fields: Any) -> Game:
    entry = {"name": "Brass Harbor", "price": 10, "tags": {"Steam": 3}} | fields
    return game_of(app_id, decode(json.dumps(entry)), Counter())


def plan_for(*games: Game, stored: dict[int, Stored] | None = None) -> Plan:
    return plan(ParsedChunk(list(games), [], Counter()), stored or {})


def stored(one: Game, discount_percent: int = 0, publisher_id: str | None = None) -> dict[int, Stored]:
    return {one.id: Stored(publisher_id=publisher_id, discount_percent=discount_percent, digest=one.digest)}


def written(planned: dict[Table, list[Row]]) -> dict[str, list[Row]]:
    return {table.name: rows for table, rows in planned.items() if rows}


def test_a_new_game_is_added_without_a_discount() -> None:
    planned = plan_for(game())

    assert (planned.result.added, planned.result.changed) == (1, 0)
    assert written(planned.changed) == {}
    assert planned.new[PRODUCTS][0][-2:] == (0, 13_000)
    assert planned.new[DIGESTS] == [(1, game().digest)]


def test_an_unchanged_game_is_not_written() -> None:
    planned = plan_for(game(), stored=stored(game(), discount_percent=50))

    assert (planned.result.unchanged, planned.result.rows) == (1, 0)
    assert written(planned.new) == written(planned.changed) == {}


def test_a_developers_product_is_not_touched() -> None:
    planned = plan_for(game(name="Other"), stored=stored(game(), publisher_id="ada"))

    assert (planned.result.kept, planned.result.rows) == (1, 0)


def test_only_the_parts_that_changed_are_written() -> None:
    planned = plan_for(game(tags={"Steam": 4}), stored=stored(game()))

    assert planned.result.changed == 1
    assert written(planned.changed).keys() == {"product_tags", "etl_games"}
    assert {table.name: ids for table, ids in planned.stale.items()} == {"product_tags": [1]}


@given(st.integers(0, 90))
def test_a_new_price_keeps_the_stores_discount(percent: int) -> None:
    planned = plan_for(game(price=20), stored=stored(game(), discount_percent=percent))

    [row] = planned.changed[PRODUCTS]
    assert row[-2:] == (percent, 260 * (100 - percent))
    assert PRODUCTS.columns[-2:] == ("discount_percent", "points")


@given(st.sets(st.integers(1, 30)), st.sets(st.integers(1, 30)), st.sets(st.integers(1, 30)))
def test_every_game_has_one_outcome(in_file: set[int], loaded: set[int], changed: set[int]) -> None:
    games = [game(app_id, name="New" if app_id in changed else "Brass Harbor") for app_id in sorted(in_file)]
    known = {app_id: stored(game(app_id))[app_id] for app_id in loaded}

    planned = plan_for(*games, stored=known)

    result = planned.result
    assert result.added == len(in_file - loaded)
    assert result.changed == len(in_file & loaded & changed)
    assert result.unchanged == len(in_file & loaded - changed)
    assert {row[0] for row in planned.new[PRODUCTS]} == in_file - loaded
    assert {row[0] for row in planned.changed[PRODUCTS]} == in_file & loaded & changed
    assert result.tables == {
        table.name: sum(len(one.parts[place]) for one in games) for place, table in enumerate(PARTS) if games
    }
    # A new name is found by other words; no other link has changed.
    assert {table for table in LINKS if planned.stale[table]} <= {WORDS}
    assert set(planned.stale[WORDS]) == in_file & loaded & changed
