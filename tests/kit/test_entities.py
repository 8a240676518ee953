"""What a subgraph makes of representations that the router would never send."""

from typing import Any

import pytest

from tests.clients import SubgraphClient, Viewers

QUERY = "query($r: [_Any!]!) { _entities(representations: $r) { ... on User { id } } }"


@pytest.mark.parametrize(
    "representation", [{"__typename": "Nothing", "id": "1"}, {"__typename": "Mutation"}, {"id": "1"}, {}, "text", 7]
)
async def test_a_malformed_representation_is_an_error_of_its_own(
    payment: SubgraphClient, viewers: Viewers, representation: Any
) -> None:
    viewer = await viewers.user()
    good = {"__typename": "User", "id": viewer.id}
    answer = await payment.run(QUERY, {"r": [good, representation, good]}, viewer)
    assert answer["data"]["_entities"] == [{"id": viewer.id}, None, {"id": viewer.id}]
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]
