"""Reads the operation in a request's body, as GraphQL over HTTP has it, and refuses every other body."""

from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.requests import ClientDisconnect
from starlette.types import Receive

MAX_BODY_BYTES = 4_000_000
JSON = "application/json"


class Refused(Exception):
    """The request's body is no operation; `status` is the answer's HTTP status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Operation(msgspec.Struct, rename="camel"):
    """What a client asks for: a document, and which of its operations to run with which variables."""

    query: str
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    extensions: dict[str, Any] | None = None


async def read_operation(headers: Mapping[str, str], receive: Receive) -> Operation:
    """Raises Refused, and ClientDisconnect."""
    _check_headers(headers)
    body, is_read = bytearray(), False
    while not is_read:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        if len(body) > MAX_BODY_BYTES:
            raise Refused(413, f"The body has more than {MAX_BODY_BYTES} bytes.")
        is_read = not message.get("more_body", False)
    try:
        return msgspec.json.decode(body, type=Operation)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Refused(400, f"The body is not an operation in JSON: {error}.") from error


def _check_headers(headers: Mapping[str, str]) -> None:
    media_type, _, parameters = headers.get("content-type", "").lower().partition(";")
    charset = parameters.strip().removeprefix("charset=").strip('"')
    if media_type.strip() != JSON or charset not in ("", "utf-8"):
        raise Refused(415, f"The content type must be {JSON} in UTF-8.")
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise Refused(415, "The body must not be compressed.")
    length = headers.get("content-length", "0")
    if length.isdecimal() and int(length) > MAX_BODY_BYTES:
        raise Refused(413, f"The body has more than {MAX_BODY_BYTES} bytes.")
