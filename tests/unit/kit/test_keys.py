"""A representation names its entity by one of the entity's keys, whole."""

from typing import Any

import pytest

from subgraphs.kit.errors import BadUserInput
from tests.compatibility.products import schema

ENTITIES = "query($r: [_Any!]!) { _entities(representations: $r) { ... on Product { id } } }"


async def resolved(**representation: Any) -> Any:
    return await schema.execute(ENTITIES, {"r": [{"__typename": "Product", **representation}]})


@pytest.mark.parametrize(
    "key",
    [
        {"id": "apollo-studio"},
        {"sku": "studio", "package": ""},
        {"sku": "studio", "variation": {"id": "platform"}},
    ],
)
async def test_every_key_finds_the_entity(key: dict[str, Any]) -> None:
    assert (await resolved(**key)).data == {"_entities": [{"id": "apollo-studio"}]}


@pytest.mark.parametrize(
    "key",
    [
        {},
        {"id": 7},
        {"sku": "studio"},
        {"sku": "studio", "package": None},
        {"sku": "studio", "variation": {}},
        {"sku": "studio", "variation": "platform"},
    ],
)
async def test_a_part_of_a_key_is_refused(key: dict[str, Any]) -> None:
    result = await resolved(**key)
    assert result.data == {"_entities": [None]}
    [error] = result.errors
    assert isinstance(error.original_error, BadUserInput)
