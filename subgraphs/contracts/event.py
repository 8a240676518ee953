"""What one subgraph tells the others after it has happened: an event."""

from typing import ClassVar

from subgraphs.contracts.command import Message


class Event(Message, frozen=True, rename="camel"):
    """Something that has happened, with all that its consumers need.

    A consumer applies each event once. Events are relayed in the order of their transactions, but a repeat
    may overtake: consumers must end in the same state whatever order a payment's events come in.
    """

    topic: ClassVar[str]
    producer: ClassVar[str]
    consumers: ClassVar[frozenset[str]]


TOPICS: dict[str, type[Event]] = {}


def published(event: type[Event]) -> type[Event]:
    """Registers an event type under its topic, so that a consumer can decode it."""
    TOPICS[event.topic] = event
    return event
