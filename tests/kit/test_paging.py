"""Cursors that a client may send."""

import pytest

from tests.clients import Client


@pytest.mark.parametrize("cursor", ["", "!", "e30", "WyJhIl0x", "W10", "bnVsbA", "é"])
async def test_a_made_up_cursor_is_refused(store_client: Client, cursor: str) -> None:
    query = "query($after: String) { products(first: null, after: $after, sort: TITLE) { edges { cursor } } }"
    assert await store_client.code(query, {"after": cursor}) == "BAD_USER_INPUT"
