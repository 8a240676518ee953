"""The events, from `subgraphs.contracts`."""

import inspect
from typing import Any

import msgspec

from subgraphs.contracts import payment
from subgraphs.contracts.event import TOPICS, Event
from subgraphs.contracts.payment import PaidLine
from subgraphs.store.reference.markdown import table

INTRODUCTION = f"""\
# Events

What a subgraph publishes to others, as JSON in its Redis Stream, at least once and possibly out of order. A
field is added with a default, and is never renamed, removed or given another meaning.
[Architecture](../architecture.md#outbox-and-inbox) shows the way of an event; `{
    payment.__name__.replace(".", "/")
}.py` declares them.
"""


def page() -> str:
    events = [_section(topic, TOPICS[topic]) for topic in sorted(TOPICS)]
    line = f"## A line\n\n{inspect.getdoc(PaidLine)}\n\n{_fields(PaidLine)}"
    return "\n".join([INTRODUCTION, *events, line])


def _section(topic: str, event: type[Event]) -> str:
    way = f"From {event.producer} to {', '.join(sorted(event.consumers))}."
    return f"## `{topic}`\n\n{inspect.getdoc(event)} {way}\n\n{_fields(event)}"


def _fields(struct: type[msgspec.Struct]) -> str:
    return table(
        ("field", "type"), [(f"`{one.encode_name}`", _type(one.type)) for one in msgspec.structs.fields(struct)]
    )


def _type(annotation: Any) -> str:
    name = annotation.__name__ if isinstance(annotation, type) and not hasattr(annotation, "__args__") else annotation
    return f"`{name}`".replace(f"{PaidLine.__module__}.", "")
