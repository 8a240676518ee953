"""Shoppers whose requests are all watched: how many there were, which failed, and which of these a kill explains."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from tests.clients import Account, Client
from tests.faults.shop import NEVER, UNKNOWN

FAILURES = {*UNKNOWN, *NEVER}


@dataclass
class Failed:
    """A request that got no answer, or one by which the store says that it could not do it."""

    sent_at: float
    ended_at: float
    why: str


class WatchedClient(Client):
    """A client of the router that remembers which requests failed."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        super().__init__(http, url, {})
        self.sent = 0
        self.in_flight = 0
        self.failed: list[Failed] = []

    async def run(
        self, query: str, variables: dict[str, Any] | None = None, viewer: Account | None = None, **headers: str
    ) -> dict[str, Any]:
        sent_at, why = time.monotonic(), ""
        self.sent += 1
        self.in_flight += 1
        try:
            answer = await super().run(query, variables, viewer, **headers)
            why = _failure(answer)
            return answer
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            why = repr(error)
            raise
        finally:
            self.in_flight -= 1
            if why:
                self.failed.append(Failed(sent_at, time.monotonic(), f"{why} for {query} {variables}"))


@dataclass
class Kills:
    """The moments at which processes were killed."""

    moments: list[tuple[float, float]]
    in_flight: int = 0

    @contextmanager
    def one(self, client: WatchedClient) -> Iterator[None]:
        """A process is killed during the block."""
        begun = time.monotonic()
        self.in_flight += client.in_flight
        yield
        self.moments.append((begun, time.monotonic()))

    def explain(self, request: Failed) -> bool:
        """Whether the request was in flight at one of them."""
        return any(request.sent_at <= ended and request.ended_at >= begun for begun, ended in self.moments)


def _failure(answer: dict[str, Any]) -> str:
    codes = [error.get("extensions", {}).get("code", "none") for error in answer.get("errors", ())]
    return ", ".join(code for code in codes if code in FAILURES or code == "none")
