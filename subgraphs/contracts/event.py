"""What one subgraph announces to the others: an event."""

from typing import ClassVar

from subgraphs.contracts.step import Message


class Event(Message, frozen=True, rename="camel"):
    """Something that has happened, with all that its consumers need.

    Events of one `aggregate` are relayed in the order of their transactions. A consumer applies an event
    once, and must not rely on the order between aggregates.
    """

    topic: ClassVar[str]
    producer: ClassVar[str]
    consumers: ClassVar[frozenset[str]]

    @property
    def aggregate(self) -> str:
        raise NotImplementedError


TOPICS: dict[str, type[Event]] = {}


def announced(event: type[Event]) -> type[Event]:
    """Registers an event type under its topic, so that a consumer can decode it."""
    TOPICS[event.topic] = event
    return event
