"""The step by which a producer learns which of its events a consumer has applied."""

from subgraphs.contracts.command import Command, Message


class AppliedRequest(Message, frozen=True, rename="camel"):
    event_id: str


class AppliedOutcome(Message, frozen=True, rename="camel"):
    applied: bool


def applied_command(consumer: str) -> Command[AppliedRequest, AppliedOutcome]:
    """The step that asks `consumer`."""
    return Command(
        subgraph=consumer,
        kind="query",
        field=f"{consumer}AppliedEvents",
        request=AppliedRequest,
        outcome=AppliedOutcome,
        description="Tells a producer which of its events have been applied here.",
    )
