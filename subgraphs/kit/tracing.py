"""Traces: what happens for one request, from the router to the consumers of its events.

They are off unless STEAMPUNK_TRACES is true. The router decides which requests are traced, and a subgraph follows: work
that belongs to no traced request has no spans, and costs next to nothing. OpenTelemetry's SDK is not used: once it is
installed, redis-py imports it in every process, whether traces are on or off.
"""

import random
import re
import time
from collections import deque
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar, Token
from dataclasses import dataclass, field
from typing import Self

from subgraphs.contracts.event import trace_of

HEADER = "traceparent"
"""W3C Trace Context: the trace, the span in it that is the parent, and whether the request is traced."""
TRACED = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f][13579bdf]")
MOST_WAITING = 10_000
"""Spans that wait to be sent. Where a collector does not take them, the oldest are dropped."""


@dataclass(slots=True)
class Span:
    """Work for one request, or for several that share it. Times are in nanoseconds since 1970."""

    name: str
    trace: str
    id: str
    parent: str
    links: Sequence[tuple[str, str]]
    """Traces and spans of the other requests that the work is for."""
    attributes: dict[str, str] = field(default_factory=dict)
    began: int = field(default_factory=time.time_ns)
    ended: int = 0
    failed: bool = False
    _before: Token["Span | None"] | None = None

    @property
    def header(self) -> str:
        """As a parent, a value of HEADER."""
        return f"00-{self.trace}-{self.id}-01"

    def __enter__(self) -> Self:
        self._before = _current.set(self)
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        assert self._before is not None
        _current.reset(self._before)
        self.failed = error is not None and issubclass(error, Exception)
        self.end()

    def end(self) -> None:
        self.ended = time.time_ns()
        if _ended is not None:
            _ended.append(self)


_ended: deque[Span] | None = None
_current: ContextVar[Span | None] = ContextVar("span", default=None)
UNTRACED = nullcontext()


def start_tracing() -> None:
    """From now on this process traces the requests that the router has chosen."""
    global _ended
    _ended = deque(maxlen=MOST_WAITING)


def is_tracing() -> bool:
    return _ended is not None


def take_ended(most: int) -> list[Span]:
    """Spans that have ended, the oldest first; the caller sends them."""
    return [_ended.popleft() for _ in range(min(most, len(_ended)))] if _ended else []


def span(name: str, *parents: str) -> AbstractContextManager[Span | None]:
    """A span around the block; None if the work is not traced. It notes whether the block raised an error.

    It is a child of the current span or, where they are given, of the first of `parents` (values of HEADER) that is
    traced. It links to the others.
    """
    return begin(name, *parents) or UNTRACED


def begin(name: str, *parents: str) -> Span | None:
    """Like `span`, but the caller ends it: for work that does not fit into one block."""
    if _ended is None:
        return None
    around = _current.get()
    known = [(found[1], found[2]) for one in parents if (found := TRACED.fullmatch(one))]
    if around is not None and not known:
        known = [(around.trace, around.id)]
    if not known:
        return None
    (trace, parent), *others = known
    return Span(name, trace, f"{random.getrandbits(64):016x}", parent, others)


def current() -> str:
    """The current span as a value of HEADER; empty where nothing is traced."""
    span = _current.get()
    return "" if span is None else span.header


def of_events(payloads: Iterable[str]) -> list[str]:
    """The traces that events belong to, as values of HEADER."""
    return [trace_of(payload) for payload in payloads] if is_tracing() else []
