"""One listener's connection, and all listeners of a sale."""

import asyncio
import time

from prometheus_client import Counter

from subgraphs.contracts.stock import SaleNumbers
from subgraphs.live.events import HEARTBEAT, chunk, event_of

LATE_SECONDS = 10.0
"""A listener that has left what it was sent unread for so long is dropped."""
DROPPED = Counter("steampunk_live_dropped_total", "Listeners that did not read what they were sent.")
CHANGES = Counter("steampunk_live_changes_total", "Changes of sales that were sent to their listeners.")


class Listener:
    """Writes to a connection whatever is newest, once what was written before has left the process.

    So a listener has at most one event in this process's memory, however slowly it reads.
    """

    __slots__ = ("_late_since", "_shown", "_transport")

    def __init__(self, transport: asyncio.Transport, shown: bytes) -> None:
        self._transport = transport
        self._shown = shown
        self._late_since: float | None = None

    def show(self, event: bytes) -> None:
        """Sends an event, unless it was the last one. What cannot be sent now is for the next call."""
        if event is not self._shown and self._write(event):
            self._shown = event

    def beat(self) -> None:
        """Sends a heartbeat."""
        self._write(BEAT)

    def _write(self, data: bytes) -> bool:
        if not self._transport.get_write_buffer_size():
            self._transport.write(data)
            self._late_since = None
            return True
        now = time.monotonic()
        if self._late_since is None:
            self._late_since = now
        elif now - self._late_since >= LATE_SECONDS and not self._transport.is_closing():
            DROPPED.inc()
            self._transport.abort()
        return False


BEAT = chunk(HEARTBEAT)


class Audience:
    """The listeners of one sale."""

    def __init__(self, numbers: SaleNumbers) -> None:
        self.listeners: set[Listener] = set()
        self.numbers = numbers
        self.event = event_of(numbers)
        self._chunk = chunk(self.event)

    def join(self, transport: asyncio.Transport) -> Listener:
        """A listener who has been sent the newest event."""
        listener = Listener(transport, self._chunk)
        self.listeners.add(listener)
        return listener

    def show(self, numbers: SaleNumbers) -> None:
        """Sends numbers to all, if they are new."""
        if numbers.version != self.numbers.version:
            CHANGES.inc()
            self.numbers = numbers
            self.event = event_of(numbers)
            self._chunk = chunk(self.event)
        self.catch_up()

    def catch_up(self) -> None:
        """Sends the newest event to those who could not be sent it before."""
        for listener in self.listeners:
            listener.show(self._chunk)

    def beat(self) -> None:
        for listener in self.listeners:
            listener.beat()
