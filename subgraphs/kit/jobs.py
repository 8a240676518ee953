"""Background work of a process: loops that run for as long as it lives."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from subgraphs.kit import telemetry

Loop = Coroutine[Any, Any, None]
CANCEL_AGAIN_SECONDS = 1.0


@dataclass(frozen=True)
class Every:
    """Runs `run` every `seconds`. A run that fails is logged, and the next one comes all the same."""

    seconds: float
    name: str
    run: Callable[[], Awaitable[object]]

    async def loop(self) -> None:
        while True:
            await asyncio.sleep(self.seconds)
            try:
                await self.run()
            except Exception as error:
                telemetry.failed(self.name, error)


@asynccontextmanager
async def background(loops: Sequence[Loop]) -> AsyncIterator[None]:
    """Runs loops beside the block, and ends them with it."""
    tasks = [asyncio.create_task(loop) for loop in loops]
    try:
        yield
    finally:
        await _end(tasks)


async def _end(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Cancels tasks until they have ended: `wait_for` of Python 3.11 can swallow a cancellation."""
    while running := [task for task in tasks if not task.done()]:
        for task in running:
            task.cancel()
        await asyncio.wait(running, timeout=CANCEL_AGAIN_SECONDS)
