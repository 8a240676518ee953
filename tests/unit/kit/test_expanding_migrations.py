"""Migrations expand: processes of the version before go on beside those of the new one (docs/scaling.md).

What contracts, such as the removal of a column, names the release whose code no longer uses it:
`unused_since = "0.2.0"`. Whoever upgrades from there does not notice.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
RELEASES = {file.stem for file in (ROOT / "schema" / "released").glob("*.graphql")}
BEFORE_THE_RULE = {"0001_the_first_tables", "0002_messaging_as_declared", "0003_entitlements"}
MIGRATIONS = sorted(
    file for file in (ROOT / "subgraphs").glob("*/migrations/0*.py") if file.stem not in BEFORE_THE_RULE
)
EXPANDING = {"create_table", "add_column", "add_index", "create_index", "drop_index", "get_bind"}
"""An index may go: without it the same statements have the same results."""
OPERATIONS = "subgraphs.kit.database.migrations.operations"


def contractions(source: str) -> list[str]:
    """The lines of a migration by which a process of the version before could fail."""
    tree = ast.parse(source)
    steps = {
        name.asname or name.name
        for one in ast.walk(tree)
        if isinstance(one, ast.ImportFrom) and one.module == OPERATIONS
        for name in one.names
    }
    calls = [one for one in ast.walk(tree) if isinstance(one, ast.Call)]
    found = [problem for call in calls for problem in _problems(call, steps)]
    return [] if _unused_since(tree) in RELEASES else found


def _problems(call: ast.Call, steps: set[str]) -> Iterator[str]:
    name = _step(call.func, steps)
    if name and name not in EXPANDING:
        yield f"line {call.lineno}: {name}"
    if name == "create_index" and any(
        keyword.arg == "unique" and getattr(keyword.value, "value", True) for keyword in call.keywords
    ):
        yield f"line {call.lineno}: create_index of a unique one"
    if name == "add_column" and not any(_may_be_missing(one) for one in call.args):
        yield f"line {call.lineno}: add_column of one that is neither nullable nor has a server default"


def _step(function: ast.expr, steps: set[str]) -> str:
    """The name of a step of a migration; empty for any other function."""
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) and function.value.id == "op":
        return function.attr
    return function.id if isinstance(function, ast.Name) and function.id in steps else ""


def _may_be_missing(argument: ast.expr) -> bool:
    """Whether the argument is a column that the version before may leave out when it inserts."""
    keywords = argument.keywords if isinstance(argument, ast.Call) else []
    return any(
        keyword.arg == "server_default"
        or (keyword.arg == "nullable" and isinstance(keyword.value, ast.Constant) and keyword.value.value is True)
        for keyword in keywords
    )


def _unused_since(tree: ast.Module) -> str:
    """The release that a migration names."""
    for one in tree.body:
        if isinstance(one, ast.Assign) and [getattr(target, "id", "") for target in one.targets] == ["unused_since"]:
            return str(getattr(one.value, "value", ""))
    return ""


@pytest.mark.parametrize("file", MIGRATIONS, ids=lambda file: f"{file.parts[-3]}-{file.stem}")
def test_a_migration_expands_or_names_the_release_that_no_longer_uses_what_goes(file: Path) -> None:
    assert contractions(file.read_text()) == []


HEADER = "import sqlalchemy as sa\nfrom alembic import op\n"


@pytest.mark.parametrize(
    "step",
    [
        'op.drop_table("plays")',
        'op.drop_column("plays", "device")',
        'op.rename_table("plays", "games")',
        'op.alter_column("plays", "device", nullable=False)',
        'op.execute("ALTER TABLE plays DROP COLUMN device")',
        'op.add_column("plays", sa.Column("device", sa.String(20), nullable=False))',
        'op.create_index("ux_plays", "plays", ["device"], unique=True)',
        'from subgraphs.kit.database.migrations.operations import rename_column\nrename_column("plays", "a", "b")',
    ],
)
def test_what_contracts_is_found_unless_it_names_a_release(step: str) -> None:
    source = f"{HEADER}{step}\n"
    assert len(contractions(source)) == 1
    assert len(contractions(f'unused_since = "9.9.9"\n{source}')) == 1
    assert contractions(f'unused_since = "{max(RELEASES)}"\n{source}') == []


@pytest.mark.parametrize(
    "step",
    [
        'op.create_table("devices", sa.Column("id", sa.Integer(), nullable=False))',
        'op.add_column("plays", sa.Column("device", sa.String(20), nullable=True))',
        'op.add_column("plays", sa.Column("device", sa.String(20), nullable=False, server_default=""))',
        'op.create_index("ix_plays", "plays", ["device"], unique=False)',
        'op.drop_index("ix_plays", table_name="plays")',
    ],
)
def test_what_expands_is_left_alone(step: str) -> None:
    assert contractions(f"{HEADER}{step}\n") == []
