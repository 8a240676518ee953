"""Sends operations through a gateway, and puts the parts of a deferred answer together."""

import json
from collections.abc import Sequence
from typing import Any

import aiohttp

from tests.clients import Account
from tests.federation.answers import Answer, answer_of

ACCEPT = "multipart/mixed;deferSpec=20220824, application/json"
BOUNDARY = b"--graphql"


async def through(
    http: aiohttp.ClientSession, url: str, document: str, variables: dict[str, Any], viewer: Account | None
) -> Answer:
    """The answer of the gateway at `url`."""
    headers = {"accept": ACCEPT}
    if viewer is not None:
        headers["authorization"] = f"Bearer {viewer.token}"
    async with http.post(url, json={"query": document, "variables": variables}, headers=headers) as response:
        body = await response.read()
    parts = _parts(body) if body.lstrip().startswith(BOUNDARY) else [json.loads(body)]
    first, *later = parts
    data, errors = first.get("data"), list(first.get("errors", ()))
    # A part within a deferred part may come before it.
    for one in sorted((each for part in later for each in part.get("incremental", ())), key=_depth):
        data = _merged(data, one.get("path", ()), one.get("data"))
        errors += one.get("errors", ())
    return answer_of(data, errors)


def _depth(part: dict[str, Any]) -> int:
    return len(part.get("path", ()))


def _parts(body: bytes) -> list[dict[str, Any]]:
    """The JSON of each part of a multipart answer."""
    texts = [part.partition(b"\r\n\r\n")[2] for part in body.split(BOUNDARY)]
    return [json.loads(text) for text in texts if text.strip()]


def _merged(data: Any, path: Sequence[str | int], more: Any) -> Any:
    """The data with what came later put where it belongs; a null adds nothing."""
    if more is None:
        return data
    if not path:
        return _filled(data, more)
    step, *rest = path
    if isinstance(step, int):
        return [_merged(one, rest, more) if number == step else one for number, one in enumerate(data or ())]
    known = data or {}
    return {**known, step: _merged(known.get(step), rest, more)}


def _filled(known: Any, more: Any) -> Any:
    if isinstance(known, dict) and isinstance(more, dict):
        return {**known, **{key: _filled(known.get(key), value) for key, value in more.items()}}
    if isinstance(known, list) and isinstance(more, list) and len(known) == len(more):
        return [_filled(mine, its) for mine, its in zip(known, more, strict=True)]
    return more
