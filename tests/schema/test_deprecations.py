"""A deprecation without a reason or a date is found, wherever it stands."""

import pytest

from schema.check import check
from schema.deprecations import vague
from tests.schema.conftest import SCHEMA, Project

CLEAR = "Use `name` instead. Removed after 2027-06-30."
VAGUE = [
    "No longer supported",
    "",
    "Use `name` instead.",
    "Removed after 2027-06-30.",
    ". Removed after 2027-06-30.",
    "Use `name` instead. Removed after June.",
    "Use `name` instead. Removed after 2027-06-31.",
    "Use `name` instead. Removed after 2027-06-30. Perhaps.",
]


def everywhere(reason: str) -> str:
    """A schema with a deprecation in each place that can have one."""
    old = f'@deprecated(reason: "{reason}")'
    return f"""
        type Query {{ game(id: ID, key: ID {old}, filter: Filter): Game }}
        input Filter {{ name: String, title: String {old} }}
        interface Named {{ name: String, title: String {old} }}
        type Game implements Named {{ name: String, title: String {old}, kind: Kind }}
        enum Kind {{ GAME DEMO {old} }}
    """


def test_a_reason_with_a_date_passes() -> None:
    assert vague(everywhere(CLEAR)) == []


@pytest.mark.parametrize("reason", VAGUE)
def test_every_other_one_is_named_with_its_place(reason: str) -> None:
    places = ("Query.game(key)", "Filter.title", "Named.title", "Game.title", "Kind.DEMO")
    _, *named, advice = vague(everywhere(reason))
    assert named == [f"  {place}: {reason}" for place in places]
    assert vague(everywhere(advice.split('"')[1])) == []


def test_a_deprecation_without_arguments_is_vague() -> None:
    assert vague(everywhere(CLEAR).replace(f'@deprecated(reason: "{CLEAR}")', "@deprecated"))


def test_the_check_of_the_schema_refuses_it(project: Project) -> None:
    for reason, passes in ((CLEAR, True), (VAGUE[0], False)):
        deprecated = SCHEMA.replace("title: String!", f'title: String! @deprecated(reason: "{reason}")')
        (project.root / "schema" / "api.graphql").write_text(deprecated)
        assert (check({"api.graphql": deprecated}, project.root) == []) is passes
