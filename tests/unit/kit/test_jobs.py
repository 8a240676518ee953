"""Background loops end with their process."""

import asyncio

from subgraphs.kit.jobs import background


async def test_a_loop_that_misses_a_cancellation_ends_all_the_same() -> None:
    missed = asyncio.Event()

    async def loop() -> None:
        while True:
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                if missed.is_set():
                    raise
                missed.set()

    async with background([loop()]):
        await asyncio.sleep(0)
    assert missed.is_set()
