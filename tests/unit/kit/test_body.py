"""The body of a request."""

from collections.abc import MutableMapping
from typing import Any

import pytest

from subgraphs.kit.web.body import MAX_BODY_BYTES, Refused, read_operation

CHUNK = 100_000


async def test_a_body_whose_length_is_not_announced_is_read_up_to_the_limit() -> None:
    read = 0

    async def receive() -> MutableMapping[str, Any]:
        nonlocal read
        read += CHUNK
        return {"type": "http.request", "body": b" " * CHUNK, "more_body": True}

    headers = {"content-type": "application/json", "transfer-encoding": "chunked"}
    with pytest.raises(Refused) as refused:
        await read_operation(headers, receive)
    assert (refused.value.status, read) == (413, MAX_BODY_BYTES + CHUNK)
