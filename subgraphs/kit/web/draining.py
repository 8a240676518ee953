"""The end of a process behind a proxy: it goes on as unready until the proxy sends its requests elsewhere."""

import asyncio
import signal
from functools import partial
from types import FrameType

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Draining:
    """Whether this process drains: it was asked to stop, and waits for its proxy to notice."""

    def __init__(self) -> None:
        self.has_begun = False

    def begin_at_sigterm(self, seconds: float) -> None:
        """From now on, a SIGTERM reaches its handler `seconds` later, and the process drains until then.

        The server's handler must be installed. Another signal stops the process at once, as before.
        """
        if not seconds:
            return
        stop, loop = signal.getsignal(signal.SIGTERM), asyncio.get_running_loop()
        assert callable(stop)

        def begin(number: int, frame: FrameType | None) -> None:
            if not self.has_begun:
                self.has_begun = True
                loop.call_soon_threadsafe(loop.call_later, seconds, stop, number, None)

        signal.signal(signal.SIGTERM, begin)


class CloseWhileDraining:
    """Asks callers to close their connection with each answer that they get while the process drains.

    Otherwise a request could be on its way over an idle connection at the moment that the process closes it.
    """

    def __init__(self, app: ASGIApp, draining: Draining) -> None:
        self._app = app
        self._draining = draining

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, partial(_send_closing, send) if self._draining.has_begun else send)


async def _send_closing(send: Send, message: Message) -> None:
    if message["type"] == "http.response.start":
        message["headers"] = [*message.get("headers", ()), (b"connection", b"close")]
    await send(message)
