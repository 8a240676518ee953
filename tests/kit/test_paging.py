"""Windows and cursors that a client may send."""

import pytest

from subgraphs.kit.errors import BadUserInput
from subgraphs.kit.graphql.paging import PageRequest
from tests.clients import Client


@pytest.mark.parametrize("size", [0, -1, 101])
def test_a_page_has_1_to_100_items(size: int) -> None:
    with pytest.raises(BadUserInput):
        PageRequest(size)


def test_null_means_the_default() -> None:
    assert PageRequest(None).first == 20


@pytest.mark.parametrize("cursor", ["", "!", "e30", "WyJhIl0x", "W10", "bnVsbA", "é"])
async def test_a_made_up_cursor_is_refused(store_client: Client, cursor: str) -> None:
    query = "query($after: String) { products(first: null, after: $after, sort: TITLE) { edges { cursor } } }"
    assert await store_client.code(query, {"after": cursor}) == "BAD_USER_INPUT"
