"""What listeners are sent, as `text/event-stream` has it."""

import msgspec

from subgraphs.contracts.stock import SaleNumbers

RECONNECT_MILLISECONDS = 3000
"""How long a browser waits, after it has lost the connection, before it connects again."""
HEARTBEAT = b":\n\n"
"""A comment. Without anything to send for a minute, proxies take the connection for dead."""
OPENING = b"retry: %d\n\n" % RECONNECT_MILLISECONDS


class Shown(msgspec.Struct):
    """The data of an event."""

    state: str
    remaining: int
    units: int


def event_of(numbers: SaleNumbers) -> bytes:
    """The event that shows a sale's numbers. Its id is their version, which the browser sends when it reconnects."""
    data = msgspec.json.encode(Shown(numbers.state, numbers.remaining, numbers.units))
    return b"id: %s\nevent: sale\ndata: %s\n\n" % (numbers.version.encode(), data)


def chunk(data: bytes) -> bytes:
    """A part of an HTTP response in chunked encoding."""
    return b"%x\r\n%s\r\n" % (len(data), data)
