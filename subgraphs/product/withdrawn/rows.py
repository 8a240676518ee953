"""A product's rows of all tables, as JSON: to read them, and to put them back."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import Table

from subgraphs.kit.database.repository import table_of
from subgraphs.product import models

Row = Mapping[str, Any]
Rows = Mapping[str, Sequence[Row]]
"""By table."""

PRODUCTS = table_of(models.Product)
GENRES = table_of(models.ProductGenre)
COMPANIES = table_of(models.ProductCompany)
TAGS = table_of(models.ProductTag)
CATEGORIES = table_of(models.ProductCategory)
LANGUAGES = table_of(models.ProductLanguage)
MEDIA = table_of(models.ProductMedia)
TABLES = (PRODUCTS, GENRES, COMPANIES, TAGS, CATEGORIES, LANGUAGES, MEDIA)
"""All that says something of a product. The words of the search index are made anew."""

_OTHER_TYPES: Mapping[type[Any], Any] = {date: date.fromisoformat, Decimal: Decimal}


def encoded(rows: Rows) -> str:
    return msgspec.json.encode(rows).decode()


def decoded(stored_rows: str) -> Rows:
    """The rows with values as the tables have them."""
    stored: dict[str, list[dict[str, Any]]] = msgspec.json.decode(stored_rows)
    return {table.name: [_row(table, row) for row in stored.get(table.name, ())] for table in TABLES}


def _row(table: Table, row: Row) -> Row:
    return {name: _value(table.c[name].type.python_type, value) for name, value in row.items() if name in table.c}


def _value(kind: type[Any], value: Any) -> Any:
    return value if value is None or kind not in _OTHER_TYPES else _OTHER_TYPES[kind](value)
