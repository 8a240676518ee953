"""Column types and SQL functions that mean the same on SQLite and on MySQL/MariaDB."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import uuid_utils
from sqlalchemy import Date, DateTime, Numeric, String, TypeDecorator
from sqlalchemy.dialects import mysql
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

ID = String(36).with_variant(mysql.VARCHAR(36, charset="utf8mb4", collation="utf8mb4_bin"), "mysql", "mariadb")
"""An opaque id, compared byte by byte. A client may send any text for one."""

HASH = String(64).with_variant(mysql.VARCHAR(64, charset="ascii", collation="ascii_bin"), "mysql", "mariadb")
"""A SHA-256 in hex."""


class Instant(TypeDecorator[datetime]):
    """An instant, stored in UTC with microseconds, always aware in Python."""

    impl = DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


Id = Annotated[str, "id"]

COLUMN_TYPES: dict[Any, Any] = {
    Id: ID,
    datetime: Instant,
    date: Date,
    Decimal: Numeric(12, 2),
}
"""The `type_annotation_map` of every subgraph's declarative base."""


class utc_now(FunctionElement[datetime]):
    """The time by the database's clock, which all processes of a subgraph share."""

    type = Instant()
    inherit_cache = True


@compiles(utc_now)
def _now_mysql(element: Any, compiler: Any, **kw: Any) -> str:
    return "UTC_TIMESTAMP(6)"


@compiles(utc_now, "sqlite")
def _now_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    # The text that SQLAlchemy stores for a DateTime: six digits after the point.
    return "strftime('%Y-%m-%d %H:%M:%f000', 'now')"


class json_list(FunctionElement[str]):
    """The values of a group as a JSON array, in no order; null or empty where there are none."""

    type = String()
    inherit_cache = True


@compiles(json_list)
def _json_list_mysql(element: Any, compiler: Any, **kw: Any) -> str:
    return f"JSON_ARRAYAGG({compiler.process(element.clauses, **kw)})"


@compiles(json_list, "sqlite")
def _json_list_sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    return f"json_group_array({compiler.process(element.clauses, **kw)})"


def new_id() -> str:
    """A new id (UUID version 7): unique, and ordered by the time it was made."""
    return str(uuid_utils.uuid7())


def first_id_at(instant: datetime) -> str:
    """The id that sorts before every id made at an instant or later."""
    milliseconds = f"{int(instant.timestamp() * 1000):012x}"
    return f"{milliseconds[:8]}-{milliseconds[8:]}"


def made_at(id: str) -> datetime:
    """When an id of `new_id` was made."""
    return datetime.fromtimestamp((UUID(id).int >> 80) / 1000, UTC)
