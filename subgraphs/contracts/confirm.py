"""The step by which a producer learns which of its events a consumer has applied."""

from subgraphs.contracts.command import Message, Step


class AppliedRequest(Message, frozen=True, rename="camel"):
    event_id: str


class AppliedOutcome(Message, frozen=True, rename="camel"):
    applied: bool


def applied_step(consumer: str) -> Step[AppliedRequest, AppliedOutcome]:
    """The step that asks `consumer`."""
    return Step(
        subgraph=consumer,
        kind="query",
        field=f"{consumer}AppliedEvents",
        request=AppliedRequest,
        outcome=AppliedOutcome,
        description="Tells a producer which of its events have been applied here.",
    )
