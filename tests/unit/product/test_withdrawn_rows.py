"""Rows that are put away are the same when they are put back."""

from datetime import date
from decimal import Decimal

from sqlalchemy import Column, Integer, MetaData, String, Table

from subgraphs.product.withdrawn import rows
from subgraphs.product.withdrawn.rows import PRODUCTS, TAGS, decoded, encoded

PRODUCT: rows.Row = {
    "id": 7,
    "publisher_id": None,
    "title": "Star Garden",
    "description": "Grow stars.",
    "header_image": None,
    "released_on": date(2026, 2, 28),
    "usd": Decimal("12.50"),
    "regular_points": 16250,
    "discount_percent": 0,
    "points": 16250,
    "platforms": 3,
    "positive_reviews": 1,
    "negative_reviews": 2,
    "reviews": 3,
    "review_score": 4,
}


def test_rows_are_put_back_as_they_were() -> None:
    stored: rows.Rows = {PRODUCTS.name: [PRODUCT], TAGS.name: [{"product_id": 7, "tag": "Cute", "votes": 2}]}
    found = decoded(encoded(stored))
    assert {name: some for name, some in found.items() if some} == stored
    assert found.keys() == {table.name for table in rows.TABLES}


def test_a_column_that_came_later_has_what_its_migration_gave_to_all_rows() -> None:
    newer = Table(
        "games",
        MetaData(),
        Column("id", Integer, primary_key=True),
        Column("age", Integer, server_default="0"),
        Column("note", String, nullable=True),
    )
    assert rows._row(newer, {"id": 7, "gone": 1}) == {"id": 7, "age": 0, "note": None}
