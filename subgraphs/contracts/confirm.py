"""What the two ends of an event ask each other.

A producer asks which of its events a consumer has applied, and then forgets them. A consumer asks which events a
producer still remembers, and then forgets the others; and it asks for a user's events that have not reached it yet.
"""

from subgraphs.contracts.command import Command, Message


class AppliedRequest(Message, frozen=True, rename="camel"):
    """Asks about many events in one message, which costs less than a message for each of them."""

    event_ids: list[str]


class AppliedOutcome(Message, frozen=True, rename="camel"):
    """The events that the consumer is not done with: mostly none."""

    missing: list[str]


class OldestRequest(Message, frozen=True, rename="camel"):
    """Asks for the oldest event that a producer may still send again."""


class OldestOutcome(Message, frozen=True, rename="camel"):
    """No event with a smaller id is sent again."""

    event_id: str


class UnconfirmedRequest(Message, frozen=True, rename="camel"):
    """Asks for the events of one user that not all consumers have confirmed."""

    user_id: str


class UnconfirmedEvent(Message, frozen=True, rename="camel"):
    event_id: str
    topic: str
    payload: str


class UnconfirmedOutcome(Message, frozen=True, rename="camel"):
    """In the order of their transactions."""

    events: list[UnconfirmedEvent]


def applied_command(consumer: str) -> Command[AppliedRequest, AppliedOutcome]:
    """Asks `consumer` which events it has applied, and which not."""
    return Command(
        subgraph=consumer,
        kind="query",
        field=f"{consumer}AppliedEvents",
        request=AppliedRequest,
        outcome=AppliedOutcome,
        description="Tells a producer which of its events have been applied here.",
    )


def oldest_command(producer: str) -> Command[OldestRequest, OldestOutcome]:
    """Asks `producer` for the oldest event that it may still send again."""
    return Command(
        subgraph=producer,
        kind="query",
        field=f"{producer}OldestEvent",
        request=OldestRequest,
        outcome=OldestOutcome,
        description="Tells consumers the oldest event that may still be sent again.",
    )


def unconfirmed_command(producer: str) -> Command[UnconfirmedRequest, UnconfirmedOutcome]:
    """Asks `producer` for the events of users that may not have reached every consumer."""
    return Command(
        subgraph=producer,
        kind="query",
        field=f"{producer}UnconfirmedEvents",
        request=UnconfirmedRequest,
        outcome=UnconfirmedOutcome,
        description="Tells consumers the events of users that may not have reached them yet.",
    )
