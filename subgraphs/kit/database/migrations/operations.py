"""Steps of migrations that may run again.

MySQL commits each DDL statement by itself. A migration that was killed in the middle runs again from its start, so
each of its steps does nothing where it was done before. (For tables, alembic has `if_exists` and `if_not_exists`. MySQL
has neither for an index.)
"""

import sqlalchemy as sa
from alembic import op


def rename_table(old: str, new: str) -> None:
    """Renames a table that still has its old name."""
    if sa.inspect(op.get_bind()).has_table(old):
        op.rename_table(old, new)


def rename_column(table: str, old: str, new: str) -> None:
    """Renames a column that still has its old name."""
    if old in _columns(table):
        op.execute(f"ALTER TABLE {table} RENAME COLUMN {old} TO {new}")


def add_column(table: str, column: "sa.Column[object]") -> None:
    """Adds a column that is missing."""
    if column.name not in _columns(table):
        op.add_column(table, column)


def add_index(name: str, table: str, columns: list[str]) -> None:
    """Adds an index that is missing."""
    if name not in _indexes(table):
        op.create_index(name, table, columns)


def drop_index(name: str, table: str) -> None:
    """Drops an index that is still there."""
    if name in _indexes(table):
        op.drop_index(name, table)


def _indexes(table: str) -> set[str | None]:
    return {index["name"] for index in sa.inspect(op.get_bind()).get_indexes(table)}


def _columns(table: str) -> set[str]:
    return {column["name"] for column in sa.inspect(op.get_bind()).get_columns(table)}
