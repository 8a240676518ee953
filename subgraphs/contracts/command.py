"""How one subgraph asks another: an internal command.

A command is an `@inaccessible` GraphQL field that takes a list of requests and answers a list of outcomes in the
same order. Requests and outcomes are msgspec structs, checked on both sides. Every command is idempotent.
"""

from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

import msgspec

MAX_ID = 36
"""How many characters an id has at most: no table has a longer one."""


class Message(msgspec.Struct, frozen=True, rename="camel"):
    """The base of everything that subgraphs send each other."""


RequestT = TypeVar("RequestT", bound=Message)
OutcomeT = TypeVar("OutcomeT", bound=Message)


@dataclass(frozen=True)
class Command(Generic[RequestT, OutcomeT]):
    """An internal command: `field` of `subgraph`, which only peers may use."""

    subgraph: str
    kind: Literal["query", "mutation"]
    field: str
    request: type[RequestT]
    outcome: type[OutcomeT]
    description: str

    @property
    def document(self) -> str:
        return f"{self.kind} Command_{self.field}($r: [CommandMessage!]!) {{ {self.field}(requests: $r) }}"
