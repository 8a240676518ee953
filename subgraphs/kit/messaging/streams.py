"""Redis Streams as a consumer sees them: each subgraph is a group, each of its processes a consumer of it."""

import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import msgspec
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from subgraphs.contracts.event import TOPICS, Event

BATCH = 200
BLOCK_MILLISECONDS = 1000
# What a dead (or failing) consumer holds is taken over after this long.
CLAIM_IDLE_MILLISECONDS = 2000


def stream_of(producer: str) -> str:
    """The Redis Stream that carries a subgraph's events."""
    return f"steampunk:events:{producer}"


@dataclass(frozen=True)
class Delivery:
    """An event as the stream delivered it."""

    stream: str
    entry_id: str
    event_id: str
    topic: str
    payload: str

    def event(self) -> Event:
        return msgspec.json.decode(self.payload, type=TOPICS[self.topic])


class Streams:
    """The streams that one subgraph consumes."""

    def __init__(self, group: str, producers: set[str], redis: Redis) -> None:
        self._group = group
        self._names = sorted(stream_of(producer) for producer in producers)
        self._redis = redis
        self._consumer = f"{socket.gethostname()}-{os.getpid()}"

    async def join(self) -> None:
        """Makes the streams and the group where they are missing: nobody has used them yet, or Redis lost them."""
        for name in self._names:
            try:
                await self._redis.xgroup_create(name, self._group, id="0", mkstream=True)
            except ResponseError as error:
                if "BUSYGROUP" not in str(error):
                    raise

    async def read(self) -> list[Delivery]:
        """The next deliveries; waits a second for them. Redis raises NOGROUP when `join` is due."""
        streams: dict[Any, Any] = dict.fromkeys(self._names, ">")
        answer: Any = await self._redis.xreadgroup(
            self._group, self._consumer, streams, count=BATCH, block=BLOCK_MILLISECONDS
        )
        found = dict(answer or [])
        deliveries = [_delivery(name, entry) for name, entries in found.items() for entry in entries]
        return deliveries or await self._take_over()

    async def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """What is not acknowledged is delivered again."""
        async with self._redis.pipeline(transaction=False) as pipe:
            for name, entries in groupby(deliveries, key=lambda delivery: delivery.stream):
                pipe.xack(name, self._group, *[entry.entry_id for entry in entries])
            await pipe.execute()

    async def _take_over(self) -> list[Delivery]:
        """What another consumer, or a failed attempt of our own, has left behind."""
        deliveries = []
        for name in self._names:
            answer = await self._redis.xautoclaim(
                name, self._group, self._consumer, min_idle_time=CLAIM_IDLE_MILLISECONDS, count=BATCH
            )
            deliveries += [_delivery(name, entry) for entry in answer[1] if entry[1]]
        return deliveries


def _delivery(stream: str, entry: tuple[str, dict[str, str]]) -> Delivery:
    entry_id, fields = entry
    return Delivery(stream, entry_id, fields["id"], fields["topic"], fields["payload"])
