"""A product's rows of all tables, as JSON: to read them, and to put them back."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import Column, Table

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
"""The tables with data of a product. The words of the search index are not kept: they are made again."""

_FROM_JSON: Mapping[type[Any], Any] = {date: date.fromisoformat}


def encoded(rows: Rows) -> str:
    return msgspec.json.encode(rows).decode()


def decoded(stored_rows: str) -> Rows:
    """The rows with values as the tables have them."""
    stored: dict[str, list[dict[str, Any]]] = msgspec.json.decode(stored_rows)
    return {table.name: [_row(table, row) for row in stored.get(table.name, ())] for table in TABLES}


def _row(table: Table, row: Row) -> Row:
    return {column.name: _value(column, row) for column in table.c}


def _value(column: Column[Any], row: Row) -> Any:
    """The row's value. For a column that is newer than the row, the default that its migration gave to all rows."""
    default = getattr(column.server_default, "arg", None)
    value, kind = row.get(column.name, default), column.type.python_type
    return None if value is None else _FROM_JSON.get(kind, kind)(value)
