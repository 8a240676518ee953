"""Redis Streams: each consuming subgraph is a group, each of its processes a consumer in it."""

import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from subgraphs.contracts.event import TOPICS, Event

BATCH = 200
BLOCK_MILLISECONDS = 1000
# What a dead (or failing) consumer holds is taken over after this long.
CLAIM_IDLE_MILLISECONDS = 2000

Position = tuple[int, int]
"""A place in a stream: milliseconds by Redis's clock, and a sequence number."""


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
    replay_for: str = ""
    """The consumer whose dead letter it was: an operator has sent it again, and it concerns no other consumer."""

    def event(self) -> Event:
        """The decoded event. Raises msgspec.MsgspecError where the payload is not one of its topic."""
        return msgspec.json.decode(self.payload, type=TOPICS[self.topic])


class StreamConsumer:
    """Reads one producer's stream for one subgraph. In a cluster, each stream may be on another node."""

    def __init__(self, group: str, producer: str, redis: Redis) -> None:
        self._group = group
        self._name = stream_of(producer)
        self._redis = redis
        self._consumer = f"{socket.gethostname()}-{os.getpid()}"

    async def join(self) -> None:
        """Creates the stream and the group where they are missing: on first use, or when Redis lost them."""
        try:
            await self._redis.xgroup_create(self._name, self._group, id="0", mkstream=True)
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise

    async def read(self) -> list[Delivery]:
        """The next deliveries; waits a second for them. Redis raises NOGROUP where `join` is due."""
        answer: Any = await self._redis.xreadgroup(
            self._group, self._consumer, {self._name: ">"}, count=BATCH, block=BLOCK_MILLISECONDS
        )
        deliveries = [_delivery(name, entry) for name, entries in answer or () for entry in entries]
        return deliveries or await self._take_over()

    async def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """Ends deliveries; what is not acknowledged is delivered again."""
        if deliveries:
            await self._redis.xack(self._name, self._group, *[delivery.entry_id for delivery in deliveries])

    async def _take_over(self) -> list[Delivery]:
        """What another consumer, or a failed attempt of this one, has left unacknowledged."""
        answer = await self._redis.xautoclaim(
            self._name, self._group, self._consumer, min_idle_time=CLAIM_IDLE_MILLISECONDS, count=BATCH
        )
        return [_delivery(self._name, entry) for entry in answer[1] if entry[1]]


async def trim(redis: Redis, producer: str) -> None:
    """Removes the entries that every group has acknowledged."""
    try:
        floors = await acknowledged(redis, producer)
    except RedisError:
        return  # no stream yet
    if floors:
        milliseconds, sequence = min(floors.values())
        await redis.xtrim(stream_of(producer), minid=f"{milliseconds}-{sequence}", approximate=False)


async def acknowledged(redis: Redis, producer: str) -> dict[str, Position]:
    """Up to which position each group has acknowledged every entry of a producer's stream."""
    stream = stream_of(producer)
    floors = {}
    for group in await redis.xinfo_groups(stream):
        pending = await redis.xpending(stream, group["name"])
        floors[str(group["name"])] = _position(pending["min"] or group["last-delivered-id"])
    return floors


def _position(entry_id: str) -> Position:
    milliseconds, _, sequence = entry_id.partition("-")
    return int(milliseconds), int(sequence)


def _delivery(stream: str, entry: tuple[str, dict[str, str]]) -> Delivery:
    entry_id, fields = entry
    return Delivery(stream, entry_id, fields["id"], fields["topic"], fields["payload"], fields.get("replay_for", ""))
