"""The check of schema/: what is out of date, and what breaks clients without being named."""

import pytest

from schema.check import broken, check
from schema.versions import Version, last_release
from tests.schema.conftest import SCHEMA, Project

WITHOUT_TITLE = SCHEMA.replace("  title: String!\n", "")


def test_a_schema_as_released_passes(project: Project) -> None:
    assert check({"api.graphql": SCHEMA}, project.root) == []


def test_a_file_that_differs_from_the_code_is_shown(project: Project) -> None:
    lines = check({"api.graphql": SCHEMA.replace("What can be asked.", "All questions.")}, project.root)
    assert '-"""What can be asked."""' in lines
    assert '+"""All questions."""' in lines
    assert "run `nox -s schema`" in lines[-1]


def test_a_missing_file_is_shown(project: Project) -> None:
    lines = check({"api.graphql": SCHEMA, "game.graphql": "type Game"}, project.root)
    assert lines[0] == "--- schema/game.graphql"


def test_a_removed_field_fails(project: Project) -> None:
    lines = broken(WITHOUT_TITLE, project.root)
    assert lines[0] == "schema/api.graphql breaks the clients of 0.1.0:"
    assert lines[1] == "  Field Game.title was removed."


@pytest.mark.parametrize(
    "entry",
    [
        "- Field Game.title was removed. Ask for `name`.",
        "- Field `Game.title` was\n  removed.",
        "- The metric `x` is now `y`.\n- Field Game.title was removed.",
    ],
)
def test_a_removed_field_that_is_named_as_breaking_passes(project: Project, entry: str) -> None:
    project.change("CHANGELOG.md", "### Added", f"### Breaking\n\n{entry}\n\n### Added")
    assert broken(WITHOUT_TITLE, project.root) == []


@pytest.mark.parametrize(
    "entry", ["- Field Game.titles was removed.", "- We regret that Field Game.title was removed.", "- Game.title"]
)
def test_an_entry_about_something_else_excuses_nothing(project: Project, entry: str) -> None:
    project.change("CHANGELOG.md", "### Added", f"### Breaking\n\n{entry}\n\n### Added")
    assert broken(WITHOUT_TITLE, project.root)


def test_an_entry_of_an_older_release_excuses_nothing(project: Project) -> None:
    assert "### Breaking\n\n- Field Game.title was removed." in project.read("CHANGELOG.md")
    assert broken(WITHOUT_TITLE, project.root)


def test_an_entry_under_another_heading_excuses_nothing(project: Project) -> None:
    project.change("CHANGELOG.md", "- Games have points.", "- Field Game.title was removed.")
    assert broken(WITHOUT_TITLE, project.root)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  points: Int\n", "  points: Int!\n  price: Int\n"),
        ("  game(id: ID!): Game\n", "  game(id: ID!, inStock: Boolean): Game\n"),
        ("  title: String!\n", '  title: String! @deprecated(reason: "Ask for `name`.")\n'),
        ("What can be asked.", "All questions."),
    ],
)
def test_what_breaks_no_client_passes(project: Project, old: str, new: str) -> None:
    assert broken(SCHEMA.replace(old, new), project.root) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  title: String!\n", "  title: String\n"),
        ("  title: String!\n", "  title: Int!\n"),
        ("  game(id: ID!): Game\n", "  game(id: ID!, inStock: Boolean!): Game\n"),
        ("  game(id: ID!): Game\n", "  game(key: ID!): Game\n"),
    ],
)
def test_what_breaks_clients_fails(project: Project, old: str, new: str) -> None:
    assert broken(SCHEMA.replace(old, new), project.root)


def test_the_last_release_is_the_newest_by_number(project: Project) -> None:
    for version in ("0.9.0", "0.10.0", "0.2.11"):
        (project.root / "schema" / "released" / f"{version}.graphql").write_text(SCHEMA)
    assert last_release(project.root) == Version(0, 10, 0)
