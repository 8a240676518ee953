"""Events: what one subgraph publishes to the others.

A published event may be read by older and newer code: during a rolling deploy, from an outbox, or as a dead letter. So
an event evolves by one rule: a field is added with a default, and is never renamed, removed or given another meaning.
tests/contracts keeps a sample of each version of each event ever published, and decodes it with today's classes.
"""

from typing import ClassVar

import msgspec

from subgraphs.contracts.command import Message


class Event(Message, frozen=True, rename="camel", kw_only=True):
    """Something that has happened, with all that its consumers need.

    A consumer applies each event once. Events are relayed in the order of their transactions, but a repeated
    one may come late: consumers must reach the same state in whatever order the events of a payment arrive.
    """

    topic: ClassVar[str]
    producer: ClassVar[str]
    consumers: ClassVar[frozenset[str]]

    user_id: str
    """The user who caused the event. Whatever this user reads next must show its effect."""
    trace: str = ""
    """The trace that it belongs to, as a W3C `traceparent`; empty if the request was not traced."""

    def concerns(self, consumer: str) -> bool:
        """Whether a consumer of its topic has to apply it. If not, the consumer skips it and need not confirm it."""
        return True


TOPICS: dict[str, type[Event]] = {}


def concerns(topic: str, payload: str, consumer: str) -> bool:
    """Whether an event of a known topic concerns one of its consumers.

    One that cannot be decoded concerns all of them: each tries it, and gives it up as a dead letter.
    """
    try:
        return msgspec.json.decode(payload, type=TOPICS[topic]).concerns(consumer)
    except msgspec.MsgspecError:
        return True


class _Traced(msgspec.Struct):
    trace: str = ""


def trace_of(payload: str) -> str:
    """The trace that an event belongs to; empty where there is none."""
    try:
        return msgspec.json.decode(payload, type=_Traced).trace
    except msgspec.MsgspecError:
        return ""


def published(event: type[Event]) -> type[Event]:
    """Registers an event type under its topic, so that a consumer can decode it."""
    TOPICS[event.topic] = event
    return event
