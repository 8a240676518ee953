"""How the two ends of an event agree that it is done.

A producer asks which of its events a consumer has applied, and then forgets them; a consumer asks which events a
producer still remembers, and then forgets the others.
"""

from subgraphs.contracts.command import Command, Message


class AppliedRequest(Message, frozen=True, rename="camel"):
    event_id: str


class AppliedOutcome(Message, frozen=True, rename="camel"):
    applied: bool


class OldestRequest(Message, frozen=True, rename="camel"):
    """Asks for the oldest event that a producer may still send again."""


class OldestOutcome(Message, frozen=True, rename="camel"):
    """No event with a smaller id is sent again."""

    event_id: str


def applied_command(consumer: str) -> Command[AppliedRequest, AppliedOutcome]:
    """Asks `consumer` which events it has applied."""
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
