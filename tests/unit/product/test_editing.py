"""Edits: what they change, and when they are refused."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from subgraphs.kit.errors import BadUserInput
from subgraphs.product import validation
from subgraphs.product.domain import Platform, Publication
from subgraphs.product.editing.domain import edited, version_of

CONTENT = Publication(
    title="Star Garden",
    description="Grow stars.",
    usd=Decimal("12.50"),
    genres=["Indie", "Puzzle"],
    platforms=[Platform.LINUX, Platform.WINDOWS],
    released_on=date(2026, 2, 28),
    header_image="https://example.com/a.jpg",
)


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "Other"},
        {"description": "Other."},
        {"usd": Decimal("12.51")},
        {"genres": ["Indie"]},
        {"platforms": [Platform.MAC]},
        {"released_on": None},
        {"header_image": None},
    ],
)
def test_each_field_is_part_of_the_version(changes: dict[str, Any]) -> None:
    assert version_of(replace(CONTENT, **changes)) != version_of(CONTENT)
    assert edited(CONTENT, changes, version_of(CONTENT)) == replace(CONTENT, **changes)


def test_the_order_of_names_is_no_part_of_the_version() -> None:
    turned = replace(CONTENT, genres=CONTENT.genres[::-1], platforms=CONTENT.platforms[::-1], usd=Decimal("12.5"))
    assert version_of(turned) == version_of(CONTENT)


def test_an_edit_of_another_version_is_refused_but_not_a_repeated_one() -> None:
    version, changes = version_of(CONTENT), {"title": "Other"}
    after = edited(CONTENT, changes, version)
    assert after is not None
    assert edited(after, changes, version) == after
    assert edited(after, {"title": "Third"}, version) is None


def test_all_faults_of_an_edit_are_reported_together() -> None:
    with pytest.raises(BadUserInput) as raised:
        validation.changes({"title": " ", "usd": Decimal(-1), "platforms": [], "released_on": None})
    assert [one.field for one in raised.value.fields] == ["title", "usd", "platforms"]
