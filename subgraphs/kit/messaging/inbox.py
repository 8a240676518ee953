"""The inbox: takes events from the streams or, to catch up, from their producers, and has each applied once."""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Generic

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from subgraphs.contracts.confirm import AppliedOutcome, AppliedRequest, UnconfirmedRequest, unconfirmed_command
from subgraphs.contracts.event import TOPICS, concerns
from subgraphs.kit import telemetry
from subgraphs.kit.batching import Batcher
from subgraphs.kit.database.database import INFRASTRUCTURE, Database
from subgraphs.kit.errors import Unavailable
from subgraphs.kit.failpoints import failpoint
from subgraphs.kit.messaging.applying import Applying, Handlers
from subgraphs.kit.messaging.streams import Delivery, StreamConsumer, stream_of
from subgraphs.kit.messaging.tables import DeadLetterColumns, InboxColumns
from subgraphs.kit.peers import Peers
from subgraphs.kit.web.context import ServiceT

ATTEMPTS = 5
"""How often an event is tried before it becomes a dead letter."""


@dataclass(frozen=True)
class Consumes(Generic[ServiceT]):
    """Declares what a subgraph does on the events of others, and the tables that this takes."""

    handlers: Callable[[ServiceT], Handlers]
    inbox: type[InboxColumns]
    dead_letters: type[DeadLetterColumns]


class Inbox(Generic[ServiceT]):
    """Applies the events of one subgraph's streams, in batches."""

    def __init__(
        self,
        subgraph: str,
        consumes: Consumes[ServiceT],
        database: Database,
        redis: Redis,
        peers: Peers,
        batch_size: int,
    ) -> None:
        self._subgraph = subgraph
        self._consumes = consumes
        self.table = consumes.inbox
        self._database = database
        self._redis = redis
        self._peers = peers
        self._catch_ups: Batcher[str, None] = Batcher("catch up", self._catch_up, batch_size)
        self._failures: Counter[str] = Counter()
        self._unknown_topics: set[str] = set()

    def bind(self, service: ServiceT) -> None:
        """Has events handled by `service`, which itself may catch up with this inbox."""
        consumes = self._consumes
        self._handlers = consumes.handlers(service)
        self._applying = Applying(consumes.inbox, consumes.dead_letters, self._handlers, self._database)
        self.producers = sorted({event.producer for event in self._handlers})

    async def run(self) -> None:
        """Consumes for as long as the process lives."""
        telemetry.may_fail("inbox")
        telemetry.may_fail("catch up")
        streams = [StreamConsumer(self._subgraph, producer, self._redis) for producer in self.producers]
        await asyncio.gather(*[self._follow(stream) for stream in streams])

    async def _follow(self, stream: StreamConsumer) -> None:
        while True:
            try:
                await stream.join()
                while True:
                    await self._receive(stream, await stream.read())
            except ResponseError as error:
                if "NOGROUP" not in str(error):  # else Redis lost its data: join again
                    telemetry.failed("inbox", error)
                    await asyncio.sleep(1)
            except Exception as error:
                telemetry.failed("inbox", error)
                await asyncio.sleep(1)

    async def applied(self, requests: list[AppliedRequest]) -> list[AppliedOutcome]:
        """Tells which events are not done here."""
        known = await self._applying.known([one for request in requests for one in request.event_ids])
        return [AppliedOutcome([one for one in request.event_ids if one not in known]) for request in requests]

    async def catch_up(self, *user_ids: str) -> None:
        """Applies what these users have done and the stream has not brought yet. What is read afterwards shows it.

        Costs one call to each producer, shared with the other users that catch up at the same time. Raises
        Unavailable where a producer does not answer.
        """
        await asyncio.gather(*[self._catch_ups(user_id) for user_id in set(user_ids)])

    async def catch_up_if_possible(self, *user_ids: str) -> None:
        """Like `catch_up`, but leaves it at what is known where a producer does not answer."""
        await asyncio.gather(*[self._catch_up_if_possible(user_id) for user_id in set(user_ids)])

    async def _catch_up_if_possible(self, user_id: str) -> None:
        with suppress(Unavailable):
            await self._catch_ups(user_id)

    async def _catch_up(self, user_ids: list[str]) -> list[None]:
        requests = [UnconfirmedRequest(user_id) for user_id in dict.fromkeys(user_ids)]
        for producer in self.producers:
            outcomes = await self._peers.call(unconfirmed_command(producer), requests)
            unconfirmed = [
                Delivery(stream_of(producer), "", event.event_id, event.topic, event.payload)
                for outcome in outcomes
                for event in outcome.events
            ]
            await self._catch_up_with([delivery for delivery in unconfirmed if self._is_mine(delivery)])
        return [None] * len(user_ids)

    async def _catch_up_with(self, deliveries: list[Delivery]) -> None:
        if not deliveries:
            return
        known = await self._applying.known([delivery.event_id for delivery in deliveries])
        await self._apply_each([delivery for delivery in deliveries if delivery.event_id not in known])

    async def _apply_each(self, deliveries: list[Delivery]) -> None:
        """Applies events together, or one by one where one of them is poisoned: it is left to `run`, to give it up."""
        if not deliveries:
            return
        try:
            await self._applying.apply(deliveries)
        except (*INFRASTRUCTURE, Unavailable):
            raise
        except Exception as error:
            if len(deliveries) == 1:
                telemetry.failed("catch up", error, event_id=deliveries[0].event_id)
                return
            for delivery in deliveries:
                await self._apply_each([delivery])

    async def _receive(self, stream: StreamConsumer, deliveries: list[Delivery]) -> None:
        """Consumes what this version knows. An unknown topic is left pending, for a newer process to take over."""
        known = [delivery for delivery in deliveries if delivery.topic in TOPICS]
        for topic in {delivery.topic for delivery in deliveries} - TOPICS.keys() - self._unknown_topics:
            self._unknown_topics.add(topic)
            telemetry.logger().warning("events of an unknown topic are left to newer processes", topic=topic)
        mine: list[Delivery] = []
        others: list[Delivery] = []
        for delivery in known:
            (mine if self._is_mine(delivery) else others).append(delivery)
        await self._consume(stream, mine)
        await stream.acknowledge(others)

    def _is_mine(self, delivery: Delivery) -> bool:
        """Whether it is for this subgraph: one of its topics, and not just for others."""
        if TOPICS.get(delivery.topic) not in self._handlers:
            return False
        if delivery.replay_for:
            return delivery.replay_for == self._subgraph
        return concerns(delivery.topic, delivery.payload, self._subgraph)

    async def _consume(self, stream: StreamConsumer, deliveries: list[Delivery]) -> None:
        if not deliveries:
            return
        try:
            await failpoint("inbox: delivered")
            await self._applying.apply(deliveries)
            await failpoint("inbox: applied")
        except (*INFRASTRUCTURE, Unavailable):
            raise  # the events are fine: they stay pending and are delivered again
        except Exception as error:
            if len(deliveries) == 1:
                await self._failed(stream, deliveries[0], error)
                return
            for delivery in deliveries:
                await self._consume(stream, [delivery])
        else:
            await stream.acknowledge(deliveries)

    async def _failed(self, stream: StreamConsumer, delivery: Delivery, error: Exception) -> None:
        self._failures[delivery.event_id] += 1
        telemetry.failed("inbox", error, event_id=delivery.event_id, topic=delivery.topic)
        if self._failures[delivery.event_id] >= ATTEMPTS:
            del self._failures[delivery.event_id]
            await self._applying.give_up(delivery, error)
            await stream.acknowledge([delivery])
